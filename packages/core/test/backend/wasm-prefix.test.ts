/** Prefix combinations: the vectors of the wasm writer against the plain loops that say what is meant. */
import { describe, expect, it } from "vitest";
import {
  binary,
  convert,
  literal,
  load,
  readVar,
  scalarVar,
  select,
  unary,
} from "../../src/loop-ir/build.ts";
import { emitWasm } from "../../src/backend/wasm/emit.ts";
import { runsInLanes } from "../../src/backend/wasm/prefix.ts";
import type { Prefix } from "../../src/loop-ir/prefix.ts";
import { addIndexes, constantIndex, indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import type { Expr, Index, PrefixPart, ScalarType } from "../../src/loop-ir/types.ts";
import { constantSize, mulSizes, type Size, subSizes } from "../../src/size/size.ts";
import {
  contentsOf,
  expectSame,
  forLoop,
  numbers,
  ProgramBuilder,
  symbol,
} from "./wasm-harness.ts";

type Sides = readonly Expr[];
interface Combination {
  readonly name: string;
  readonly types: readonly ScalarType[];
  readonly combine: (left: Sides, right: Sides) => Sides;
  /** Parts whose results are stored. */
  readonly stored?: readonly number[];
}
const at = (list: Sides, i: number): Expr => list[i] ?? literal("f32", 0);
const linear = (left: Sides, right: Sides): Sides => [
  binary("mul", at(left, 0), at(right, 0)),
  binary("add", binary("mul", at(right, 0), at(left, 1)), at(right, 1)),
];

const combinations: readonly Combination[] = [
  { name: "f32 recurrence", types: ["f32", "f32"], combine: linear },
  { name: "f32 recurrence, its state", types: ["f32", "f32"], combine: linear, stored: [1] },
  { name: "f32 recurrence, its factors", types: ["f32", "f32"], combine: linear, stored: [0] },
  { name: "f64 recurrence", types: ["f64", "f64"], combine: linear, stored: [1] },
  {
    name: "f32 maximum",
    types: ["f32"],
    combine: ([l], [r]) => [binary("max", l ?? at([], 0), r ?? at([], 0))],
  },
  {
    name: "i32 sums modulo 2^32",
    types: ["i32"],
    combine: (l, r) => [binary("add", at(l, 0), at(r, 0))],
  },
  {
    name: "the last of what is set",
    types: ["bool", "f32"],
    combine: (l, r) => [binary("or", at(l, 0), at(r, 0)), select(at(r, 0), at(r, 1), at(l, 1))],
  },
  {
    name: "the last f64 of what is set",
    types: ["bool", "f64"],
    combine: (l, r) => [binary("or", at(l, 0), at(r, 0)), select(at(r, 0), at(r, 1), at(l, 1))],
  },
  {
    name: "log of sums, through exp and log",
    types: ["f32"],
    combine: (l, r) => {
      const top = binary("max", at(l, 0), at(r, 0));
      const low = binary("min", at(l, 0), at(r, 0));
      return [binary("add", top, unary("log1p", unary("exp", binary("sub", low, top))))];
    },
  },
  {
    name: "f64 beside i32, which share no vectors",
    types: ["f64", "i32"],
    combine: (l, r) => [binary("add", at(l, 0), at(r, 0)), binary("max", at(l, 1), at(r, 1))],
  },
];

interface Layout {
  readonly name: string;
  readonly place: (t: Index, length: Size) => Index;
  /** Where results go, if not where elements are. */
  readonly into?: (t: Index) => Index;
  /** Elements between two steps. */
  readonly stride?: number;
}
const layouts: readonly Layout[] = [
  { name: "forwards", place: (t) => t },
  { name: "backwards", place: (t, length) => backwards(t, length) },
  { name: "every third", place: (t) => ({ ...t, terms: scaled(t, 3) }), stride: 3 },
  {
    name: "from every third to neighbours",
    place: (t) => ({ ...t, terms: scaled(t, 3) }),
    stride: 3,
    into: (t) => t,
  },
];
const scaled = (t: Index, by: number): Index["terms"] =>
  t.terms.map((term) => ({ ...term, coef: mulSizes(term.coef, by) }));
function backwards(t: Index, length: Size): Index {
  return addIndexes({ ...t, terms: scaled(t, -1) }, constantIndex(subSizes(length, 1)));
}

/** One prefix over `length` elements: a program and its contents. */
function prefixOf(c: Combination, layout: Layout, length: number, extent: Size) {
  const p = new ProgramBuilder();
  const t = indexVar("t");
  const place = layout.place(indexOf(t), extent);
  const held = length * (layout.stride ?? 1);
  const next = numbers(length + 3);
  const sides = (name: string) => c.types.map((type) => scalarVar(name, type));
  const [left, right] = [sides("l"), sides("r")];
  const combined = c.combine(left.map(readVar), right.map(readVar));
  const contents = [];
  const parts: PrefixPart[] = [];
  for (const [i, type] of c.types.entries()) {
    const [x, y] = [p.buffer(type, held), p.buffer(type, held)];
    const isStored = c.stored?.includes(i) ?? true;
    const fill = (): number =>
      type === "bool"
        ? Number(next() < 0.3)
        : type === "i32"
          ? Math.floor((next() - 0.5) * 4e9)
          : (next() - 0.5) * 4;
    contents.push(
      contentsOf(x, held, fill),
      contentsOf(y, held, () => 0),
    );
    const [l, r, value] = [left[i], right[i], combined[i]];
    if (l === undefined || r === undefined || value === undefined) throw new RangeError("a part");
    const index = layout.into?.(indexOf(t)) ?? place;
    const into = isStored ? [{ buffer: y, index }] : [];
    parts.push({ value: load(x, place), left: l, right: r, combined: value, into });
  }
  const prefix: Prefix = { kind: "prefix", index: t, extent, parts };
  return { program: p.build([prefix]), contents, prefix };
}

const lengths = [0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 13, 64, 100];

describe.each(combinations)("$name", (c) => {
  describe.each(layouts)("$name", (layout) => {
    it.each(lengths)("of %i", (length) => {
      const known = prefixOf(c, layout, length, constantSize(length));
      expectSame(known.program, {}, known.contents);
      const told = prefixOf(c, layout, length, symbol("n"));
      expectSame(told.program, { n: length }, told.contents);
    });
  });
});

describe("vectors", () => {
  it.each([
    ["f32 recurrence", "forwards", true],
    ["f32 recurrence", "backwards", true],
    ["f64 recurrence", "backwards", true],
    ["the last of what is set", "forwards", true],
    ["the last f64 of what is set", "forwards", true],
    ["f32 recurrence", "every third", false],
    ["f32 recurrence", "from every third to neighbours", true],
    ["f64 beside i32, which share no vectors", "forwards", false],
  ])("%s, %s: %s", (name, order, fits) => {
    const [c, layout] = [
      combinations.find((x) => x.name === name),
      layouts.find((x) => x.name === order),
    ];
    if (c === undefined || layout === undefined) throw new RangeError(name);
    const { prefix, program } = prefixOf(c, layout, 9, symbol("n"));
    expect(runsInLanes(prefix)).toBe(fits);
    const { bytes } = emitWasm(program, { sharedMemory: false });
    const isShuffle = (byte: number, i: number): boolean => byte === 0xfd && bytes[i + 1] === 0x0d;
    expect(bytes.some(isShuffle)).toBe(fits);
  });
});

describe("the order", () => {
  /** Results of a combination that is not associative, which shows how it was applied: l - r. */
  it("is the first element, blocks of four and what is left", () => {
    const minus: Combination = {
      name: "minus",
      types: ["f32"],
      combine: (l, r) => [binary("sub", at(l, 0), at(r, 0))],
    };
    const [forwards] = layouts;
    if (forwards === undefined) throw new RangeError("no layout");
    const { program, contents } = prefixOf(minus, forwards, 7, constantSize(7));
    const [x, y] = expectSame(program, {}, contents);
    if (x === undefined || y === undefined) throw new RangeError("no buffers");
    const f = Math.fround;
    const [a, b, c, d, e, g, h] = [...x] as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const [bc, cd, de] = [f(b - c), f(c - d), f(d - e)];
    const fourth = f(a - f(bc - de));
    expect([...y]).toEqual([
      a,
      f(a - b),
      f(a - bc),
      f(a - f(b - cd)),
      fourth,
      f(fourth - g),
      f(f(fourth - g) - h),
    ]);
  });
});

describe("inside a loop", () => {
  it("runs once for each row, over values that are computed and converted", () => {
    const p = new ProgramBuilder();
    const n = symbol("n");
    const [x, w, y] = [p.buffer("f32", 5 * 11), p.buffer("i32", 11), p.buffer("f32", 5 * 11)];
    const [l, r, t] = [scalarVar("l", "f32"), scalarVar("r", "f32"), indexVar("t")];
    const program = p.build([
      forLoop(5, (i) => {
        const place = addIndexes(
          { ...i, terms: i.terms.map((k) => ({ ...k, coef: n })) },
          indexOf(t),
        );
        const value = binary("mul", load(x, place), convert("f32", load(w, indexOf(t))));
        return [
          {
            kind: "prefix",
            index: t,
            extent: n,
            parts: [
              {
                value,
                left: l,
                right: r,
                combined: binary("add", readVar(l), readVar(r)),
                into: [{ buffer: y, index: place }],
              },
            ],
          },
        ];
      }),
    ]);
    const next = numbers(5);
    expectSame(program, { n: 11 }, [
      contentsOf(x, 55, () => next() - 0.5),
      contentsOf(w, 11, (i) => i - 5),
      contentsOf(y, 55, () => 0),
    ]);
  });
});
