/** Tensors that compile replaces by others, and the sizes that come along. */
import { describe, expect, test } from "vitest";
import {
  compile,
  concatenate,
  constant,
  grad,
  index,
  scalar,
  scan,
  shared,
  sqr,
  sum,
  tensor,
  vector,
  type Tensor,
} from "../../src/index.ts";

const x = vector("x");

describe("givens", () => {
  test("replace what is computed, and what is shared", async () => {
    const W = shared([1, 1], { name: "W" });
    const h = x.mul(W);
    const hGiven = vector("hGiven");
    const ofHidden = await compile({
      inputs: { hGiven },
      outputs: { y: sum(sqr(h)) },
      givens: [[h, hGiven]],
    });
    expect(ofHidden({ hGiven: [3, 4] }).y.item()).toBe(25);
    const scaled = await compile({
      inputs: { x },
      outputs: { y: h },
      givens: [[W, constant([10, 20])]],
    });
    expect(scaled({ x: [1, 2] }).y.toArray()).toEqual([10, 40]);
  });
  test("apply to updates, and are replaced once", async () => {
    const total = shared(0, { name: "total" });
    const [a, b] = [scalar("a"), scalar("b")];
    const add = await compile({
      inputs: { a, b },
      outputs: { difference: a.sub(b) },
      updates: [[total, total.add(a)]],
      givens: [
        [a, b],
        [b, a],
      ],
    });
    expect(add({ a: 1, b: 5 }).difference.item()).toBe(4);
    expect(total.get().item()).toBe(5);
  });
  test("take the sizes of the replacement along: batches of shared data", async () => {
    const data = shared([1, 2, 3, 4, 5, 6], { name: "data" });
    const [row, w] = [scalar("row", { dtype: "int32" }), scalar("w")];
    const { final } = scan((v, h) => h.mul(w).add(v), { sequences: x, outputsInfo: constant(0) });
    const f = await compile({
      inputs: { row, w },
      outputs: { final, slope: grad(final, w), size: x.size(0) },
      givens: [[x, index(data, { start: row.mul(2), stop: row.mul(2).add(2) })]],
    });
    const { final: last, slope, size } = f({ row: 1, w: 2 });
    expect([last.item(), slope.item(), size.item()]).toEqual([10, 3, 2]);
  });
  test("keep a named size that another input has, and replace what gives a number of steps", async () => {
    const [a, b] = [tensor("a", { shape: ["T"] }), tensor("b", { shape: ["T"] })];
    const product = await compile({
      inputs: { b },
      outputs: { y: sum(a.mul(b)) },
      givens: [[a, constant([1, 2, 3])]],
    });
    expect(product({ b: [1, 1, 1] }).y.item()).toBe(6);
    expect(() => product({ b: [1, 1] })).toThrow(/givens replace "a".*2 is not 3/);
    const [n, half] = [scalar("n", { dtype: "int32" }), scalar("half", { dtype: "int32" })];
    const { outputs } = scan((h) => h.add(1), { outputsInfo: constant(0), nSteps: n });
    const doubled = await compile({
      inputs: { half },
      outputs: { outputs },
      givens: [[n, half.mul(2)]],
    });
    expect(doubled({ half: 2 }).outputs.toArray()).toEqual([1, 2, 3, 4]);
  });
  test("replace tensors of computed sizes, from which the sizes they are made of follow", async () => {
    const z = vector("z");
    const twice = concatenate([x, x], 0);
    const { outputs } = scan((v, h) => h.add(v), { sequences: twice, outputsInfo: constant(0) });
    const longer = concatenate([twice, constant([100])], 0);
    const total = sum(outputs);
    const f = await compile({
      inputs: { z },
      outputs: { total, slope: grad(total, twice) },
      givens: [[twice, z]],
    });
    const { total: found, slope } = f({ z: [1, 2, 3] });
    expect([found.item(), slope.toArray()]).toEqual([10, [3, 2, 1]]);
    const first = index(longer, { start: x.size(0), stop: x.size(0).mul(2) });
    const half = await compile({ inputs: { z }, outputs: { first }, givens: [[longer, z]] });
    expect(half({ z: [1, 2, 3, 4, 5] }).first.toArray()).toEqual([3, 4]);
  });
  test("of one size must agree, though nothing else has it", async () => {
    const named = (name: string): Tensor => tensor(name, { shape: ["T"] });
    const [a, b] = [named("a"), named("b")];
    const [u, v] = [vector("u"), vector("v")];
    const f = await compile({
      inputs: { u, v },
      outputs: { y: concatenate([a, b], 0) },
      givens: [
        [a, u],
        [b, v],
      ],
    });
    expect(f({ u: [1], v: [2] }).y.toArray()).toEqual([1, 2]);
    expect(() => f({ u: [1], v: [2, 3] })).toThrow(/givens replace "b".*1 is not 2/);
  });
});
