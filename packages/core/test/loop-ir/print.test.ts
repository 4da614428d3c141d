import { expect, test } from "vitest";
import {
  binary,
  compare,
  convert,
  ifStatement,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
  select,
  unary,
} from "../../src/loop-ir/build.ts";
import {
  addIndexes,
  constantIndex,
  indexOf,
  indexVar,
  zeroIndex,
} from "../../src/loop-ir/index-expr.ts";
import { legalize, legalizeExpr, portableTarget } from "../../src/loop-ir/legalize.ts";
import { expandPrefixes } from "../../src/loop-ir/expand-prefix.ts";
import { printProgram } from "../../src/loop-ir/print.ts";
import type { LoopFunction, ScalarVar, Statement } from "../../src/loop-ir/types.ts";
import { validate } from "../../src/loop-ir/validate.ts";
import { postOrder } from "../../src/loop-ir/walk.ts";
import { constantSize, mulSizes } from "../../src/size/size.ts";
import { bufferMaker, programOf, size } from "./programs.ts";

test("a program prints as text, what is shared named once", () => {
  const { all, make } = bufferMaker();
  const [T, H] = [size("T"), size("H")];
  const x = make("x", "f32", mulSizes(T, H));
  const ids = make("ids", "i32", T);
  const w = make("w", "f32", mulSizes(H, H), "shared");
  const y = make("y", "f32", mulSizes(T, H), "output");
  const panels = make("panels", "f32", 64, "temporary");
  const [t, i, j] = [indexVar("t"), indexVar("i"), indexVar("i")];
  const value = unary("tanh", load(x, addIndexes(indexOf(t, H), indexOf(i))));
  const total = scalarVar("total", "f32");
  const gathered = load(x, addIndexes(indexOf(load(ids, indexOf(t)), H), constantIndex(1)));
  const row: LoopFunction = {
    name: "row",
    params: [t],
    body: [
      {
        kind: "for",
        var: i,
        extent: H,
        parallel: true,
        body: [
          {
            kind: "store",
            buffer: y,
            index: addIndexes(indexOf(t, H), indexOf(i)),
            value: binary("sub", literal("f32", 1), binary("mul", value, value)),
          },
          { kind: "store", buffer: y, index: indexOf(i), value },
        ],
      },
      {
        kind: "reduce",
        var: total,
        index: j,
        extent: H,
        op: "add",
        order: "lanes",
        value: binary("mul", load(x, indexOf(j)), load(x, indexOf(j))),
      },
      { kind: "assign", var: total, value: binary("max", readVar(total), gathered) },
      ifStatement(compare("lt", readVar(total), literal("f32", 0)), [
        {
          kind: "store",
          buffer: y,
          index: zeroIndex,
          value: select(
            literal("bool", true),
            convert("f32", positionOf(indexOf(t))),
            readVar(total),
          ),
        },
      ]),
    ],
  };
  const view = (
    buffer: typeof x,
  ): {
    readonly buffer: typeof x;
    readonly offset: typeof zeroIndex;
    readonly rowStride: typeof H;
    readonly colStride: typeof H;
  } => ({ buffer, offset: zeroIndex, rowStride: H, colStride: constantSize(1) });
  const main: Statement[] = [
    { kind: "pack", b: view(w), into: panels, n: H, k: H },
    {
      kind: "matmul",
      a: view(x),
      b: { packed: panels },
      c: view(y),
      m: T,
      n: H,
      k: H,
      accumulate: true,
    },
    { kind: "matmul", a: view(x), b: view(w), c: view(y), m: T, n: H, k: H, accumulate: false },
    {
      kind: "for",
      var: t,
      extent: T,
      parallel: false,
      body: [{ kind: "call", func: row, args: [indexOf(t)] }],
    },
    { kind: "copy", from: x, fromOffset: zeroIndex, to: y, toOffset: constantIndex(H), size: H },
    { kind: "fail", cond: compare("le", literal("i32", 3), load(ids, zeroIndex)), code: 7 },
  ];
  const program = programOf(all, main, [row]);
  validate(program);
  expect(printProgram(program)).toMatchInlineSnapshot(`
    "program test
      input x: f32[H*T]
      input ids: i32[T]
      shared w: f32[H*H]
      output y: f32[H*T]
      temporary panels: f32[64]
    function row(t)
      for i < H parallel
        %0 = tanh(x[H*t + i])
        y[H*t + i] = 1 - (%0 * %0)
        y[i] = %0
      let total: f32 = add lanes i.1 < H: x[i.1] * x[i.1]
      total := max(total, x[H*ids[t] + 1])
      if total < 0
        y[0] = select(true, f32(@(t)), total)
    entry main()
      pack w[0; H, 1] into panels (H, H)
      y[0; H, 1] += x[0; H, 1] @ packed panels (T, H, H)
      y[0; H, 1] = x[0; H, 1] @ w[0; H, 1] (T, H, H)
      for t < T
        call row(t)
      copy x[0] to y[H] (H)
      fail 7 if 3i <= ids[0]"
  `);
  expect(program.sizes.map(String)).toEqual(["H", "H*H", "H*T", "T"]);
});

test("legalisation keeps what is shared, and what it does not touch", () => {
  const { all, make } = bufferMaker();
  const x = make("x", "f32", 1);
  const y = make("y", "f32", 2, "output");
  const [tanh, plain] = [
    unary("tanh", load(x, zeroIndex)),
    binary("add", load(x, zeroIndex), literal("f32", 1)),
  ];
  const stores = [tanh, binary("mul", tanh, tanh), plain].map((value, n): Statement => ({
    kind: "store",
    buffer: y,
    index: constantIndex(n % 2),
    value,
  }));
  const legal = legalize(programOf(all, stores), portableTarget);
  validate(legal);
  const [first, second, third] = (legal.entries[0]?.body ?? []).map((s) =>
    s.kind === "store" ? s.value : undefined,
  );
  expect(second?.kind === "binary" && second.x === first && second.y === first).toBe(true);
  expect(third).toBe(plain);
  expect(() =>
    legalize(programOf(all, stores), { name: "bare", has: (op) => op !== "add" }),
  ).toThrow("bare lacks add of f32, which has no expansion");
});

test("the float32 expansions stay short", () => {
  const { make } = bufferMaker();
  const x = load(make("x", "f32", 1), zeroIndex);
  const counts = (["exp", "tanh", "sigmoid"] as const).map((op) => {
    const kinds = postOrder([legalizeExpr(unary(op, x), portableTarget)]).map((e) => e.kind);
    const count = (...wanted: readonly string[]): number =>
      kinds.filter((kind) => wanted.includes(kind)).length;
    return {
      op,
      arithmetic: count("unary", "binary"),
      selects: count("select"),
      comparisons: count("compare"),
    };
  });
  // Two selects and comparisons of each are the clamp, which is two instructions.
  expect(counts).toEqual([
    { op: "exp", arithmetic: 22, selects: 4, comparisons: 3 },
    { op: "tanh", arithmetic: 22, selects: 3, comparisons: 3 },
    { op: "sigmoid", arithmetic: 22, selects: 2, comparisons: 2 },
  ]);
});

test("a prefix: what its elements are, how they combine, where results go; and what it means", () => {
  const { all, make } = bufferMaker();
  const T = size("T");
  const [a, x] = [make("a", "f32", T), make("x", "f32", T)];
  const h = make("h", "f32", T, "output");
  const t = indexVar("t");
  const side = (name: string): ScalarVar => scalarVar(name, "f32");
  const [la, lh, ra, rh] = ["la", "lh", "ra", "rh"].map(side) as [
    ScalarVar,
    ScalarVar,
    ScalarVar,
    ScalarVar,
  ];
  const recurrence = binary("add", binary("mul", readVar(ra), readVar(lh)), readVar(rh));
  const factors = binary("mul", readVar(la), readVar(ra));
  const into = [{ buffer: h, index: indexOf(t) }];
  const program = programOf(all, [
    {
      kind: "prefix",
      index: t,
      extent: T,
      parts: [
        { value: load(a, indexOf(t)), left: la, right: ra, combined: factors, into: [] },
        { value: load(x, indexOf(t)), left: lh, right: rh, combined: recurrence, into },
      ],
    },
  ]);
  validate(program);
  expect(printProgram(program)).toMatchInlineSnapshot(`
    "program test
      input a: f32[T]
      input x: f32[T]
      output h: f32[T]
    entry main()
      prefix t < T
        (la, ra) = a[t]; la * ra
        h[t], (lh, rh) = x[t]; (ra * lh) + rh"
  `);
  const expanded = expandPrefixes(program);
  validate(expanded);
  expect(printProgram(expanded)).toMatchInlineSnapshot(`
    "program test
      input a: f32[T]
      input x: f32[T]
      output h: f32[T]
    entry main()
      let last: f32 = 0
      for first < min(1, T)
        let next: f32 = x[0]
        last := next
        h[0] = last
      for block < floorDiv(max(-1 + T, 0), 4)
        let r: f32 = a[4*block + 1]
        let r.1: f32 = x[4*block + 1]
        let r.2: f32 = a[4*block + 2]
        let r.3: f32 = x[4*block + 2]
        let r.4: f32 = a[4*block + 3]
        let r.5: f32 = x[4*block + 3]
        let r.6: f32 = a[4*block + 4]
        let r.7: f32 = x[4*block + 4]
        let r.8: f32 = r * r.2
        let r.9: f32 = (r.2 * r.1) + r.3
        let r.10: f32 = r.2 * r.4
        let r.11: f32 = (r.4 * r.3) + r.5
        let r.12: f32 = r.4 * r.6
        let r.13: f32 = (r.6 * r.5) + r.7
        let r.14: f32 = r * r.10
        let r.15: f32 = (r.10 * r.1) + r.11
        let r.16: f32 = r.8 * r.12
        let r.17: f32 = (r.12 * r.9) + r.13
        let r.18: f32 = (r * last) + r.1
        let r.19: f32 = (r.8 * last) + r.9
        let r.20: f32 = (r.14 * last) + r.15
        let r.21: f32 = (r.16 * last) + r.17
        h[4*block + 1] = r.18
        h[4*block + 2] = r.19
        h[4*block + 3] = r.20
        h[4*block + 4] = r.21
        let next.1: f32 = r.21
        last := next.1
      for t < -4*floorDiv(max(-1 + T, 0), 4) + max(-1 + T, 0)
        let next.2: f32 = (a[t + 1 + 4*floorDiv(max(-1 + T, 0), 4)] * last) + x[t + 1 + 4*floorDiv(max(-1 + T, 0), 4)]
        last := next.2
        h[t + 1 + 4*floorDiv(max(-1 + T, 0), 4)] = last"
  `);
});
