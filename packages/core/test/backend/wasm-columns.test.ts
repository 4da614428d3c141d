/** Random folds of columns: several vectors side by side, single vectors and single columns have the same bits. A failing seed is a case. */
import { describe, it } from "vitest";
import {
  binary,
  compare,
  convert,
  literal,
  load,
  readVar,
  scalarVar,
  select,
} from "../../src/loop-ir/build.ts";
import {
  addIndexes,
  constantIndex,
  indexOf,
  indexVar,
  scaleIndex,
} from "../../src/loop-ir/index-expr.ts";
import type { Buffer, Expr, Index, ScalarType, Statement } from "../../src/loop-ir/types.ts";
import { constantSize, subSizes } from "../../src/size/size.ts";
import { contentsOf, expectSame, numbers, ProgramBuilder, symbol } from "./wasm-harness.ts";

const count = process.env["SCAN_TRAIN_LONG"] === "1" ? 2000 : 150;

describe("random folds of columns", () => {
  for (let part = 0; part < 5; part++)
    it(`seeds ${part} modulo 5`, () => {
      for (let seed = part; seed < count; seed += 5) runSeed(seed);
    });
});

function runSeed(seed: number): void {
  const next = numbers(seed);
  const chance = (p: number): boolean => next() < p;
  const pick = <T>(list: readonly [T, ...T[]]): T =>
    list[Math.floor(next() * list.length)] ?? list[0];
  const p = new ProgramBuilder();
  const [columns, rows, layers] = [
    1 + Math.floor(next() * 50),
    pick([1, 2, 3, 17, 255, 256, 257, 300]),
    pick([1, 2, 3]),
  ];
  const extent = chance(0.5) ? constantSize(columns) : symbol("columns");
  const height = chance(0.5) ? constantSize(rows) : symbol("rows");
  const type = pick<"f32" | "f64" | "i32">(["f32", "f32", "f64", "i32"]);
  const mixed = (): ScalarType => (chance(0.8) ? type : pick(["f32", "f64", "i32", "bool"]));
  const sheets = [mixed(), mixed()].map((t) => p.buffer(t, layers * rows * columns));
  const weights = p.buffer(mixed(), rows);
  const chosen = p.buffer("i32", rows);
  const [state, wide] = [p.buffer(mixed(), columns), p.buffer(mixed(), columns + 5)];
  const [i, r, k] = [indexVar("i"), indexVar("r"), indexVar("k")];

  const place = (): Index => {
    const row = pick<Index>([
      indexOf(k),
      addIndexes(constantIndex(subSizes(height, 1)), indexOf(k, -1)),
      indexOf(load(chosen, indexOf(k))),
    ]);
    const layer = chance(0.5) ? indexOf(r) : addIndexes(constantIndex(layers - 1), indexOf(r, -1));
    return addIndexes(scaleIndex(layer, rows * columns), scaleIndex(row, columns), indexOf(i));
  };
  const leaf = (): Expr =>
    convert(
      type,
      pick<() => Expr>([
        () => load(pick(sheets as [Buffer, ...Buffer[]]), place()),
        () => load(pick(sheets as [Buffer, ...Buffer[]]), place()),
        () => load(weights, indexOf(k)),
        () => load(state, indexOf(i)),
        () => load(wide, addIndexes(indexOf(i), constantIndex(5))),
        () => literal(type, 2),
      ])(),
    );
  const value = (depth: number): Expr => {
    if (depth === 0) return leaf();
    const [x, y] = [value(depth - 1), value(depth - 1)];
    return chance(0.2)
      ? select(compare("lt", x, y), y, x)
      : binary(pick(["add", "mul", "sub", "max"]), x, y);
  };

  const [total, part, last] = [
    scalarVar("total", type),
    scalarVar("part", type),
    scalarVar("last", type),
  ];
  const fold: Statement = {
    kind: "reduce",
    var: part,
    index: k,
    extent: height,
    op: pick(["add", "max", "mul"]),
    order: "blocks",
    value: value(Math.floor(next() * 3)),
  };
  const body: Statement[] = [
    {
      kind: "let",
      var: total,
      value: chance(0.5) ? literal(type, 1) : convert(type, load(state, indexOf(i))),
    },
    {
      kind: "for",
      var: r,
      extent: constantSize(layers),
      parallel: false,
      body: [
        fold,
        { kind: "assign", var: total, value: binary("add", readVar(total), readVar(part)) },
      ],
    },
    {
      kind: "let",
      var: last,
      value: binary("mul", readVar(total), convert(type, load(state, indexOf(i)))),
    },
  ];
  const stored = [
    { buffer: state, index: indexOf(i) },
    { buffer: wide, index: addIndexes(indexOf(i), constantIndex(5)) },
  ];
  for (const { buffer, index } of chance(0.5) ? stored : stored.slice(1))
    body.push({
      kind: "store",
      buffer,
      index,
      value: convert(buffer.type, readVar(pick([last, total]))),
    });
  const program = p.build([{ kind: "for", var: i, extent, parallel: true, body }]);
  const element = (t: ScalarType) => (): number =>
    t === "bool" ? Number(chance(0.5)) : t === "i32" ? Math.floor(next() * 9) - 4 : next() * 2 - 1;
  const contents = p.buffers.map((b) =>
    contentsOf(
      b,
      b.size.constant ?? 0,
      b === chosen ? () => Math.floor(next() * rows) : element(b.type),
    ),
  );
  expectSame(program, { columns, rows }, contents);
}
