/** Long functions are cut; what they compute is proven by the fuzzers, which run programs cut wherever they can be. */
import { describe, expect, test } from "vitest";
import { emitWasm } from "../../src/backend/wasm/emit.ts";
import { binary, compare, literal, load, readVar, scalarVar } from "../../src/loop-ir/build.ts";
import { addIndexes, constantIndex, indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import { printProgram } from "../../src/loop-ir/print.ts";
import { splitLong } from "../../src/loop-ir/split-long.ts";
import type { Buffer, Statement } from "../../src/loop-ir/types.ts";
import { validate } from "../../src/loop-ir/validate.ts";
import { constantSize } from "../../src/size/size.ts";
import { bufferMaker, programOf } from "./programs.ts";

const { all, make } = bufferMaker();
const x = make("x", "f32", 64);
const y = make("y", "f32", 64);

/** y[place] = x[place] + 1: four of weight. */
const store = (place: number, into: Buffer = y): Statement => {
  const at = constantIndex(place);
  return {
    kind: "store",
    buffer: into,
    index: at,
    value: binary("add", load(x, at), literal("f32", 1)),
  };
};
const entryText = (body: readonly Statement[], weights: { long: number; part: number }): string => {
  const program = splitLong(programOf(all, body), weights);
  validate(program);
  return printProgram(program).split("\n").slice(all.length).join("\n");
};

describe("a long function", () => {
  test("stays whole up to the limit", () => {
    const program = programOf(all, [store(0), store(1), store(2)]);
    expect(splitLong(program, { long: 12, part: 4 })).toBe(program);
    expect(splitLong(program, { long: 11, part: 4 }).functions).toHaveLength(3);
    expect(splitLong(program, { long: 11, part: 8 }).functions).toHaveLength(2);
  });

  test("is cut where no variable and no value read from memory is held", () => {
    const v = scalarVar("v", "f32");
    const at = constantIndex(5);
    const shared = load(x, at);
    const read: Statement = { kind: "let", var: v, value: shared };
    const uses: Statement = { kind: "store", buffer: y, index: at, value: readVar(v) };
    const again: Statement = { kind: "store", buffer: y, index: constantIndex(6), value: shared };
    const body = [store(0), read, store(1), uses, store(2), again, store(3)];
    const lengths = splitLong(programOf(all, body), { long: 0, part: 1 });
    expect(lengths.functions.map((f) => f.body.length)).toEqual([1, 5, 1]);
    expect(entryText(body, { long: 0, part: 1 })).toMatchInlineSnapshot(`
      "  input y: f32[64]
      function main part 0()
        y[0] = x[0] + 1
      function main part 1()
        %0 = x[5]
        let v: f32 = %0
        y[1] = x[1] + 1
        y[5] = v
        y[2] = x[2] + 1
        y[6] = %0
      function main part 2()
        y[3] = x[3] + 1
      entry main()
        call main part 0()
        call main part 1()
        call main part 2()"
    `);
  });

  test("has long loops cut inside, which hand their variables on", () => {
    const [t, i] = [indexVar("t"), indexVar("i")];
    const row: Statement = {
      kind: "for",
      var: i,
      extent: constantSize(8),
      parallel: true,
      body: [
        {
          kind: "store",
          buffer: y,
          index: addIndexes(indexOf(t, 8), indexOf(i)),
          value: load(x, indexOf(i)),
        },
      ],
    };
    const ends: Statement = {
      kind: "stop",
      cond: compare("lt", load(y, indexOf(t)), literal("f32", 0)),
    };
    const body: Statement[] = [
      {
        kind: "for",
        var: t,
        extent: constantSize(8),
        parallel: false,
        body: [row, store(3), row, ends],
      },
    ];
    expect(entryText(body, { long: 8, part: 8 })).toMatchInlineSnapshot(`
      "  input y: f32[64]
      function main part 0(t)
        for i < 8 parallel
          %0 = x[i]
          y[8*t + i] = %0
        y[3] = x[3] + 1
        for i < 8 parallel
          %0 = x[i]
          y[8*t + i] = %0
      entry main()
        for t < 8
          call main part 0(t)
          stop if y[t] < 0"
    `);
  });

  test("leaves in a loop what belongs to variables around it", () => {
    const sum = scalarVar("sum", "f32");
    const t = indexVar("t");
    const adds: Statement = {
      kind: "assign",
      var: sum,
      value: binary("add", readVar(sum), load(x, indexOf(t))),
    };
    const body: Statement[] = [
      { kind: "let", var: sum, value: literal("f32", 0) },
      {
        kind: "for",
        var: t,
        extent: constantSize(8),
        parallel: false,
        body: [store(1), adds, store(2)],
      },
      { kind: "store", buffer: y, index: constantIndex(0), value: readVar(sum) },
    ];
    expect(entryText(body, { long: 0, part: 1 })).toMatchInlineSnapshot(`
      "  input y: f32[64]
      function main part 0()
        y[1] = x[1] + 1
      function main part 1()
        y[2] = x[2] + 1
      entry main()
        let sum: f32 = 0
        for t < 8
          call main part 0()
          sum := sum + x[t]
          call main part 1()
        y[0] = sum"
    `);
  });

  test("of a module is short", () => {
    const body = Array.from({ length: 4_000 }, (_, place) => store(place % 64));
    const longest = (functionWeights?: { long: number; part: number }): number =>
      Math.max(
        ...bodyLengths(
          emitWasm(programOf(all, body), {
            sharedMemory: false,
            ...(functionWeights === undefined ? {} : { functionWeights }),
          }).bytes,
        ),
      );
    expect(longest({ long: 1e9, part: 1e9 })).toBeGreaterThan(30_000);
    expect(longest()).toBeLessThan(5_000);
  });
});

/** Bytes of each function of a module. */
function bodyLengths(module: Uint8Array): number[] {
  let at = 8;
  const number = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = module[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const id = module[at++];
    const end = number() + at;
    if (id !== 10) {
      at = end;
      continue;
    }
    return Array.from({ length: number() }, () => {
      const length = number();
      at += length;
      return length;
    });
  }
}
