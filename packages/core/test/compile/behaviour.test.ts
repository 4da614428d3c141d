/** What compile promises: updates together, results of one's own, names, stores, an explanation. */
import { describe, expect, test } from "vitest";
import {
  compile,
  constant,
  evaluate,
  grad,
  matrix,
  NDArray,
  ones,
  scan,
  shared,
  Store,
  sum,
  tanh,
  tensor,
  vector,
  type Shared,
  type Tensor,
} from "../../src/index.ts";

const x = vector("x");

describe("updates", () => {
  test("are all computed from the values before the call", async () => {
    const a = shared([1, 2], { name: "a" });
    const b = shared([3, 4], { name: "b" });
    const swap = await compile({
      inputs: {},
      outputs: { both: a.add(b.mul(10)) },
      updates: [
        [a, b],
        [b, a],
      ],
    });
    expect(swap({}).both.toArray()).toEqual([31, 42]);
    expect([a.get().toArray(), b.get().toArray()]).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(swap({}).both.toArray()).toEqual([13, 24]);
    expect([a.get().toArray(), b.get().toArray()]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
  test("turn three variables in a circle, through views of them too", async () => {
    const [a, b, c] = [
      shared([
        [1, 2],
        [3, 4],
      ]),
      shared([
        [5, 6],
        [7, 8],
      ]),
      shared([
        [9, 9],
        [9, 9],
      ]),
    ];
    const turn = await compile({
      inputs: {},
      updates: [
        [a, b.transpose()],
        [b, c],
        [c, a.transpose()],
      ],
    });
    turn({});
    expect([a, b, c].map((v) => v.get().toArray())).toEqual([
      [
        [5, 7],
        [6, 8],
      ],
      [
        [9, 9],
        [9, 9],
      ],
      [
        [1, 3],
        [2, 4],
      ],
    ]);
  });
  test("may be a Map, as in Theano a dictionary", async () => {
    const n = shared(0, { name: "n", dtype: "int32" });
    const count = await compile({
      inputs: {},
      outputs: { before: n },
      updates: new Map<Shared, Tensor>([[n, n.add(1)]]),
    });
    expect([count({}).before.item(), count({}).before.item(), n.get().item()]).toEqual([0, 1, 2]);
  });
  test("see a value that set() gave, and functions of one store see each other's", async () => {
    const n = shared(1, { name: "n" });
    const double = await compile({ inputs: {}, updates: [[n, n.mul(2)]] });
    const read = await compile({ inputs: {}, outputs: { n } });
    double({});
    expect(read({}).n.item()).toBe(2);
    n.set(10);
    double({});
    expect([read({}).n.item(), n.get().item()]).toEqual([20, 20]);
  });
});

test("a number of steps may follow from a loop whose number of steps is a value too", async () => {
  const lengths = vector("lengths", { dtype: "int32" });
  const count = (nSteps: Tensor<"int32">): Tensor =>
    scan((h) => h.add(1), { outputsInfo: constant(0, "int32"), nSteps }).outputs;
  const inner = count(lengths.max());
  const y = count(sum(inner).cast("int32"));
  const f = await compile({ inputs: { lengths }, outputs: { y } });
  expect(f({ lengths: [2, 3] }).y.toArray()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(evaluate(y, { lengths: [2, 3] }).toArray()).toEqual([1, 2, 3, 4, 5, 6]);
});

describe("results", () => {
  test("are the caller's own, whatever is called later", async () => {
    const W = shared([1, 2], { name: "W" });
    const f = await compile({
      inputs: { x },
      outputs: { same: x, W, twice: x.mul(2) },
      updates: [[W, W.add(x)]],
    });
    const given = new NDArray("float32", [2], new Float32Array([1, 1]));
    const first = f({ x: given });
    const second = f({ x: [7, 8] });
    first.twice.data[0] = NaN;
    expect(first.W.toArray()).toEqual([1, 2]);
    expect(first.same.data).not.toBe(given.data);
    expect(second.twice.toArray()).toEqual([14, 16]);
    expect([first.same.toArray(), W.get().toArray()]).toEqual([
      [1, 1],
      [9, 11],
    ]);
  });
  test("may repeat a tensor under two names, and there may be none", async () => {
    const y = x.mul(2);
    const f = await compile({ inputs: { x }, outputs: { y, again: y } });
    const { y: one, again } = f({ x: [1] });
    one.data[0] = 0;
    expect(again.toArray()).toEqual([2]);
    const n = shared(0, { name: "n" });
    const nothing = await compile({ inputs: {}, updates: [[n, n.add(1)]] });
    expect(nothing({})).toEqual({});
  });
  test("may be empty, and inputs may be read as they are", async () => {
    const m = matrix("m");
    const f = await compile({ inputs: { m }, outputs: { columns: sum(m, 0), m } });
    const { columns, m: same } = f({ m: { data: new Float32Array(0), shape: [0, 3] } });
    expect([columns.toArray(), same.shape]).toEqual([
      [0, 0, 0],
      [0, 3],
    ]);
  });
});

describe("a store", () => {
  test("given explicitly holds the variables", async () => {
    const store = new Store(false);
    const before = store.bytesInUse;
    const W = shared([1, 2, 3], { name: "W" });
    const f = await compile({
      inputs: {},
      outputs: { y: sum(W) },
      updates: [[W, W.add(1)]],
      store,
    });
    expect([f({}).y.item(), f({}).y.item()]).toEqual([6, 9]);
    expect(store.bytesInUse).toBeGreaterThan(before);
    expect(W.get().toArray()).toEqual([3, 4, 5]);
  });
  test("has the memory of a function back when it is disposed", async () => {
    const store = new Store();
    const make = () =>
      compile({ inputs: { x }, outputs: { y: x.mul(ones([2])).add(constant([0.5, 1])) }, store });
    const first = await make();
    first({ x: [1, 2] });
    const used = store.bytesInUse;
    for (let i = 0; i < 10; i++) {
      const f = await make();
      f({ x: [1, 2] });
      f.dispose();
    }
    expect(store.bytesInUse).toBe(used);
    expect(first({ x: [1, 2] }).y.toArray()).toEqual([1.5, 3]);
  });
  test("has the memory of a variable back when the last function that uses it is disposed", async () => {
    const [store, other] = [new Store(), new Store()];
    const W = shared([1, 2, 3], { name: "W" });
    const spec = { inputs: {}, outputs: { y: sum(W) }, updates: [[W, W.add(1)]] as const, store };
    const [f, g] = [await compile(spec), await compile(spec)];
    f.dispose();
    expect(g({}).y.item()).toBe(6);
    g.dispose();
    g.dispose();
    expect(W.get().toArray()).toEqual([2, 3, 4]);
    W.set([1, 1, 1]);
    const elsewhere = await compile({ ...spec, store: other });
    expect(elsewhere({}).y.item()).toBe(3);
    const back = compile(spec);
    await expect(back).rejects.toThrow("SHARED_OWNED");
    elsewhere.dispose();
    expect((await compile(spec))({}).y.item()).toBe(6);
  });
  test("grows by nothing when models are made and disposed one after the other", async () => {
    const store = new Store();
    const round = async (): Promise<number> => {
      const W = shared(Array.from({ length: 1000 }, () => 1));
      const f = await compile({ inputs: {}, outputs: { y: sum(W) }, store });
      expect(f({}).y.item()).toBe(1000);
      f.dispose();
      return store.bytesInUse;
    };
    const first = await round();
    for (let i = 0; i < 5; i++) expect(await round()).toBe(first);
  });
  test("grows for a larger call, and earlier functions go on", async () => {
    const store = new Store();
    const W = shared([2], { name: "W" });
    const f = await compile({ inputs: { x }, outputs: { y: sum(x.mul(W)) }, store });
    const g = await compile({ inputs: { x }, outputs: { y: sum(x.add(W)) }, store });
    expect(f({ x: [1] }).y.item()).toBe(2);
    const many = { data: new Float32Array(1_000_000).fill(1), shape: [1_000_000] };
    expect(g({ x: many }).y.item()).toBe(3_000_000);
    expect(f({ x: [1] }).y.item()).toBe(2);
    expect(W.get().toArray()).toEqual([2]);
  });
});

test("a function has a name of its own, or a common one", async () => {
  const outputs = { y: x.mul(2) };
  const [named, unnamed] = [
    await compile({ inputs: { x }, outputs, name: "double" }),
    await compile({ inputs: { x }, outputs }),
  ];
  expect(named.explain()).toMatch(/^double: wasm SIMD, /);
  expect(unnamed.explain()).toMatch(/^function: wasm SIMD, /);
});

test("the same spec gives the same program", async () => {
  const make = () => compile({ inputs: { x }, outputs: { y: tanh(x).mul(x) } });
  expect((await make()).explain()).toBe((await make()).explain());
});

test("explain lists the passes with what each did, those that did nothing in one line, and the program", async () => {
  const f = await compile({ inputs: { x }, outputs: { y: sum(x.mul(2).add(1)) }, name: "small" });
  expect(f.explain()).toMatchInlineSnapshot(`
    "small: wasm SIMD, 633 bytes, 1 kernels, 0 slots for 0 temporaries
    passes:
      unchanged: fold constants, merge equal applications, stabilize, simplify, assemble slices, read last states, prune scans, split products that add up, run in chunks what has a memory budget, store what gradients would replay dearly, sink what only accumulates, push out what is not fed back, hoist what does not depend on the state, accumulate into addends
    program:
    program small
      input x: f32[x.shape[0]]
      output y: f32[1]
    function sum()
      let part: f32 = add lanes r0 < x.shape[0]: (x[r0] * 2) + 1
      y[0] = part
    entry run()
      call sum()
    entry commit()"
  `);
  const asWritten = await compile({ inputs: { x }, outputs: { y: x.neg() }, optimize: "none" });
  expect(asWritten.explain()).toContain(
    "passes:\n  unchanged: run in chunks what has a memory budget\nprogram:\n",
  );
});

test("explain shows a scan and its gradient as loops", async () => {
  const xs = tensor("xs", { shape: ["T", 2] });
  const W = shared([0.5, 0.25], { name: "W" });
  const { final } = scan({
    sequences: { x: xs },
    init: { h: constant([0, 0]) },
    step: ({ x: row, h }) => ({ h: tanh(h.mul(W).add(row)) }),
  });
  const cost = sum(final.h);
  const f = await compile({ inputs: { xs }, outputs: { cost, g: grad(cost, W) }, name: "rnn" });
  const loops = f.explain().match(/^.*\bfor .*$/gm) ?? [];
  expect(loops.length).toBeGreaterThanOrEqual(2);
  const passes = /passes:\n([^]*)\nprogram:/.exec(f.explain())?.[1]?.split("\n") ?? [];
  const names = passes
    .slice(0, -1)
    .map((line) => /^ {2}(.*): \d+ -> \d+ applications$/.exec(line)?.[1]);
  expect(names).toContain("prune scans");
  const unchanged =
    passes
      .at(-1)
      ?.replace(/^ {2}unchanged: /, "")
      .split(", ") ?? [];
  expect(unchanged).toContain("fold constants");
  expect(names.filter((name) => unchanged.includes(name ?? ""))).toEqual([]);
});
