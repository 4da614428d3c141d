/** Deep and tangled graphs: their size costs time in proportion, and no stack. */
import { expect, test } from "vitest";
import {
  add,
  compile,
  index,
  mul,
  neg,
  setSubtensor,
  Store,
  sum,
  tensor,
  vector,
} from "../../src/index.ts";
import type { Tensor } from "../../src/index.ts";

const v = vector("v");
const fixed = tensor("fixed", { shape: [4] });

function repeat<X>(times: number, first: X, next: (x: X, i: number) => X): X {
  let x = first;
  for (let i = 0; i < times; i++) x = next(x, i);
  return x;
}

async function last(
  inputs: Readonly<Record<string, Tensor>>,
  y: Tensor,
  values: Readonly<Record<string, number[]>>,
): Promise<number> {
  const call = await compile({ inputs, outputs: { y }, store: new Store() });
  return call(values).y.data.at(-1) ?? NaN;
}

test("a chain of 10,000 sums compiles", async () => {
  const y = repeat(10_000, v as Tensor, (x) => add(x, v));
  expect(await last({ v }, y, { v: [1, 2] })).toBe(20_002);
}, 60_000);

test("a chain of 10,000 views compiles", async () => {
  const y = repeat(10_001, v as Tensor, (x) => index(x, { step: -1 }));
  expect(await last({ v }, y, { v: [1, 2, 3] })).toBe(1);
  expect(await last({ v }, y.add(v), { v: [1, 2, 3] })).toBe(4);
}, 60_000);

test("a chain of folds compiles", async () => {
  const y = repeat(2_000, v as Tensor, (x) => v.add(neg(sum(x))));
  expect(await last({ v }, y, { v: [1] })).toBe(1);
}, 60_000);

test("a chain of updates changes one array", async () => {
  const y = repeat(2_000, fixed as Tensor, (x, i) => setSubtensor(x, [i % 4], i));
  expect(await last({ fixed }, y, { fixed: [0, 0, 0, 0] })).toBe(1_999);
}, 60_000);

test("products of products are not taken apart without end", async () => {
  const squares = repeat(60, v as Tensor, (x) => mul(x, x));
  expect(await last({ v }, squares, { v: [1] })).toBe(1);
  const [, b] = repeat<readonly [Tensor, Tensor]>(60, [v, v], ([x, y]) => [y, mul(x, y)]);
  expect(await last({ v }, b, { v: [-1] })).toBe(-1);
});
