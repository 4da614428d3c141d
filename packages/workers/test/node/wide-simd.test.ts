import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { NDArray, compile, dot, grad, scan, sum, tanh, tensor, transpose } from "@scan-train/core";
import { setWideSimd } from "@scan-train/core/backend-kit";
import { afterAll, describe, expect, it } from "vitest";
import { enableWideSimd } from "../../src/node.ts";
import { joinVectors } from "../../src/node/wide-flag.ts";
import { checkAndEnable } from "../../src/node/wide-simd.ts";
import { train } from "../trainer/train.ts";

const folder = mkdtempSync(join(tmpdir(), "scan-train-wide-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What comes of a check that does this. */
function reasonAfter(body: string, flags: readonly string[] = []): Promise<string> {
  const file = join(folder, "check.mjs");
  writeFileSync(file, body);
  return checkAndEnable(flags, file).then(({ enabled, reason }) => {
    expect(enabled).toBe(false);
    return reason;
  });
}

const canJoin = Number.parseInt(process.versions.node, 10) >= 24;

describe("nothing changes, and the reason is told,", () => {
  it("where V8 lacks the flag", async () => {
    const reason = await reasonAfter("", ["--no-such-flag-of-v8"]);
    expect(reason.replace(process.versions.v8, "V").replace(process.version, "N")).toBe(
      "V8 V cannot join vectors; Node 24 or later can, this is N",
    );
  });

  it("where results differ", async () => {
    expect(await reasonAfter("process.exitCode = 3")).toBe(
      "results differ from those without, in a check of this engine",
    );
  });

  it("where the engine ends the process", async () => {
    expect(await reasonAfter("process.abort()")).toMatch(
      /^the engine ended the check \(SIG(ABRT|TRAP|ILL)\): it cannot be trusted with this$/,
    );
    expect(await reasonAfter("throw new Error('no')")).toBe(
      "the engine ended the check (exit code 1): it cannot be trusted with this",
    );
  });

  it("where no vectors are joined", async () => {
    expect(await reasonAfter("console.log('Begin revec function f')")).toBe(
      "the engine joined no vectors: a processor with AVX2 is needed",
    );
  });

  it.skipIf(canJoin)("in Node before 24", async () => {
    const { enabled, reason } = await enableWideSimd();
    expect(enabled).toBe(false);
    expect(reason).toMatch(/^V8 \S+ cannot join vectors; Node 24 or later can, this is v2/);
    expect(await enableWideSimd()).toEqual({ enabled, reason });
  });
});

type Float = "float32" | "float64";

/** A loop with its gradient, and products, at sizes around those of tiles. */
async function network(dtype: Float) {
  const x = tensor("x", { shape: ["T", "B", "I"], dtype });
  const [h0, W] = [
    tensor("h0", { shape: ["B", "H"], dtype }),
    tensor("W", { shape: ["I", "H"], dtype }),
  ];
  const U = tensor("U", { shape: ["H", "H"], dtype });
  const { outputs } = scan({
    sequences: { x },
    init: { h: h0 },
    step: ({ x: row, h }) => ({ h: tanh(dot(row, W).add(dot(h, U))) }),
  });
  const cost = sum(outputs.h);
  const [dW, dU] = grad(cost, [W, U]);
  return compile({
    inputs: { x, h0, W, U },
    outputs: { cost, dW, dU, h: outputs.h, square: dot(transpose(U), U) },
  });
}

type Network = Awaited<ReturnType<typeof network>>;

function bitsOf(run: Network, dtype: Float): string[] {
  const results: string[] = [];
  for (const B of [1, 2, 5, 16, 33])
    for (const H of [3, 8, 15, 16, 17, 40, 100]) {
      const value = (shape: readonly number[], seed: number) => {
        const numbers = Array.from(
          { length: shape.reduce((n, size) => n * size, 1) },
          (_, i) => (((i + seed) * 7919) % 1009) / 2018 - 0.25,
        );
        const data = dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
        return new NDArray<Float>(dtype, shape, data);
      };
      const values = {
        x: value([3, B, 300], 1),
        h0: value([B, H], 2),
        W: value([300, H], 3),
        U: value([H, H], 4),
      };
      for (const { data } of Object.values(run(values)))
        results.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"));
    }
  return results;
}

const long = process.env["SCAN_TRAIN_LONG"] === "1";
const why = canJoin ? "long" : `Node 24 or later; this is ${process.version}`;

describe.skipIf(!long || !canJoin)(`wide SIMD (${why})`, () => {
  // Other files run in this process.
  afterAll(() => {
    setWideSimd(false);
    setFlagsFromString(joinVectors.replace("--", "--no-"));
  });

  it("changes no bit of a function, before and after the engine optimises it, nor of training on threads", async () => {
    const types = ["float32", "float64"] as const;
    const without = await Promise.all(types.map(network));
    const expected = types.map((type, i) => bitsOf(without[i] as Network, type));
    const trained = await train({ workers: 2 });

    expect(await enableWideSimd()).toEqual({
      enabled: true,
      reason: "vectors of 32 bytes; the bits are those without, checked here",
    });

    const wide = await Promise.all(types.map(network));
    expect(wide[0]?.explain()).toContain("wasm wide SIMD");
    for (let round = 0; round < 12; round++)
      for (const [i, type] of types.entries())
        expect(bitsOf(wide[i] as Network, type)).toEqual(expected[i]);
    for (const workers of [1, 3]) {
      const again = await train({ workers });
      expect(again.bits).toBe(trained.bits);
      expect(again.losses).toEqual(trained.losses);
    }
  }, 600_000);
});
