/** What calls promise: results of their own, all updates or none, and that a refused call leaves everything as it was. */
import { expect, test } from "vitest";
import {
  compile,
  dot,
  expandDims,
  shared,
  scalar,
  Store,
  sum,
  take,
  tensor,
  vector,
} from "../../src/index.ts";

const variable = (): ReturnType<typeof shared<"float32">> => shared([1, 2, 3], { name: "P" });

test("outputs may be inputs, variables and each other, and never share memory", async () => {
  const P = variable();
  const ids = vector("ids", { dtype: "int32" });
  const call = await compile({
    inputs: { ids },
    outputs: { P, same: P, ids, more: ids.add(1), flags: P.gt(2), wide: P.cast("float64") },
    updates: [[P, P.add(1)]],
    store: new Store(),
  });
  const first = call({ ids: [7] });
  const second = call({ ids: [8] });
  expect(first.P.toArray()).toEqual([1, 2, 3]);
  expect(first.same.data.buffer).not.toBe(first.P.data.buffer);
  expect(first.ids.toArray()).toEqual([7]);
  expect(first.more.toArray()).toEqual([8]);
  expect(first.flags.toArray()).toEqual([false, false, true]);
  expect(first.wide.dtype).toBe("float64");
  expect(second.P.toArray()).toEqual([2, 3, 4]);
});

test("an index out of range updates nothing", async () => {
  const P = variable();
  const ids = vector("ids", { dtype: "int32" });
  const call = await compile({
    inputs: { ids },
    updates: [[P, P.add(sum(take(P, ids)))]],
    store: new Store(),
  });
  expect(() => call({ ids: [0, 3] })).toThrow("INDEX_RANGE");
  expect(P.get().toArray()).toEqual([1, 2, 3]);
});

test("a function of updates alone takes numbers, until it is disposed", async () => {
  const P = variable();
  const s = scalar("s");
  const call = await compile({ inputs: { s }, updates: [[P, P.mul(s)]], store: new Store() });
  expect(call({ s: 2 })).toEqual({});
  expect(P.get().toArray()).toEqual([2, 4, 6]);
  call.dispose();
  call.dispose();
  expect(() => call({ s: 2 })).toThrow("dispose");
});

test("after a call that needed too much memory the store is as it was", async () => {
  const store = new Store();
  const [P, x] = [variable(), tensor("x", { shape: ["T"] })];
  const table = expandDims(x, 1).add(expandDims(x, 0));
  const large = await compile({ inputs: { x }, outputs: { y: sum(dot(table, table)) }, store });
  const fine = large({ x: [1, 2] }).y.item();
  const T = 60_000;
  expect(() => large({ x: { data: new Float32Array(T), shape: [T] } })).toThrow("MEMORY");
  const count = await compile({ inputs: {}, updates: [[P, P.add(1)]], store });
  count({});
  expect(large({ x: [1, 2] }).y.item()).toBe(fine);
  count({});
  expect(P.get().toArray()).toEqual([3, 4, 5]);
});
