import { expect, it } from "vitest";
import { tilesFor } from "../../src/backend/wasm/kernels/tile.ts";
import { productStyle, setWideSimd, v8Version } from "../../src/runtime/engine.ts";

const chrome = (version: string): object => ({
  navigator: {
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ${version} Safari/537.36`,
  },
});
const firefox = {
  navigator: {
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  },
};

it("knows V8 in Node, in Chromium, and where there is none", () => {
  expect(v8Version({ process: { versions: { v8: "11.3.244.8-node.38" } } })).toBe(11);
  expect(v8Version({ process: { versions: { v8: "13.6.233.17-node.53" } } })).toBe(13);
  expect(v8Version(chrome("Chrome/136.0.0.0"))).toBe(13);
  expect(v8Version(chrome("HeadlessChrome/142.0.7444.0"))).toBe(14);
  expect(v8Version(chrome("Chromium/119.0.1"))).toBe(11);
  expect(v8Version(firefox)).toBeUndefined();
  expect(v8Version({})).toBeUndefined();
  expect(v8Version({ process: { versions: { v8: "of tomorrow" } } })).toBeUndefined();
});

it("chooses tiles by what the engine does with registers", () => {
  const shapes = [undefined, 11, 13, 14].flatMap((v8) =>
    [false, true].flatMap((isWide) =>
      [false, true].map((isRelaxed) => {
        const { rows, vectors } = tilesFor({ v8, isWide, isRelaxed }).f32;
        return `${v8 ?? "-"}${isWide ? " wide" : ""}${isRelaxed ? " relaxed" : ""}: ${rows}x${4 * vectors}`;
      }),
    ),
  );
  expect(shapes).toMatchInlineSnapshot(`
    [
      "-: 4x8",
      "- relaxed: 4x8",
      "- wide: 5x16",
      "- wide relaxed: 6x16",
      "11: 4x8",
      "11 relaxed: 4x8",
      "11 wide: 5x16",
      "11 wide relaxed: 6x16",
      "13: 5x8",
      "13 relaxed: 6x8",
      "13 wide: 5x16",
      "13 wide relaxed: 6x16",
      "14: 5x8",
      "14 relaxed: 6x8",
      "14 wide: 5x16",
      "14 wide relaxed: 6x16",
    ]
  `);
});

it("portable numerics never use relaxed instructions, and wide tiles are asked for", () => {
  const plain = productStyle("portable");
  expect(plain.isRelaxed).toBe(false);
  expect(plain.tiles.f32.vectors).toBe(2);
  setWideSimd(true);
  try {
    expect(productStyle("portable")).toEqual({
      isWide: true,
      isRelaxed: false,
      tiles: { f32: { rows: 5, vectors: 4 }, f64: { rows: 5, vectors: 4 } },
    });
  } finally {
    setWideSimd(false);
  }
  expect(productStyle("portable")).toEqual(plain);
});
