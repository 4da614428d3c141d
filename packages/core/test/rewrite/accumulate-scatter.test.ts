/** Rows that are scattered over zeros and added go into what they are added to: a table's gradient costs what its rows read cost. */
import { describe, expect, test } from "vitest";
import { fromNested, type NDArray } from "../../src/graph/ndarray.ts";
import { toposort } from "../../src/graph/walk.ts";
import {
  compile,
  evaluate,
  grad,
  incSubtensor,
  index,
  scan,
  sqr,
  Store,
  sum,
  tanh,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { accumulateProducts } from "../../src/rewrite/accumulate.ts";
import { numbers } from "../runtime/models.ts";

const c = tensor("c", { shape: [5, 3] });
const base = tensor("base", { shape: [5, 3] });
const row = tensor("row", { shape: [3] });
const rows = tensor("rows", { shape: [4, 3] });
const ids = tensor("ids", { shape: [4], dtype: "int32" });
const values = {
  c: numbers(1, [5, 3]),
  base: numbers(3, [5, 3]),
  row: numbers(4, [3]),
  rows: numbers(2, [4, 3]),
  ids: fromNested("int32", [3, 0, 3, -1]),
};
const scattered = (onto: Tensor): Tensor => incSubtensor(onto, [ids], rows);
const opsOf = (results: readonly Tensor[]): string[] => toposort(results).map(({ op }) => op.name);

function expectClose(got: NDArray, wanted: NDArray): void {
  expect(got.shape).toEqual(wanted.shape);
  for (const [i, x] of got.data.entries()) expect(x).toBeCloseTo(wanted.data[i] ?? NaN, 5);
}

/** The values that the graph reads. */
function given(result: Tensor): Partial<typeof values> {
  const read = new Set(toposort([result]).flatMap(({ inputs }) => inputs.map(({ name }) => name)));
  return Object.fromEntries(Object.entries(values).filter(([name]) => read.has(name)));
}

describe("c + rows scattered", () => {
  test.each([
    ["right", c.add(scattered(zeros([5, 3])))],
    ["left", scattered(zeros([5, 3])).add(c)],
  ])("over zeros, on the %s, is a scatter into c", (_, result) => {
    const [made] = accumulateProducts.run([result]);
    if (made === undefined) throw new Error("the pass lost a result");
    expect(opsOf([made])).toEqual(["scatterAdd"]);
    expectClose(evaluate(made, given(result)), evaluate(result, given(result)));
  });

  const once = scattered(zeros([5, 3]));
  test.each([
    ["over other numbers", c.add(scattered(base))],
    ["read twice", c.add(once).mul(once)],
    ["added to another shape", row.add(scattered(zeros([5, 3])))],
  ])("%s stays", (_, result) => {
    expect(accumulateProducts.run([result])[0]).toBe(result);
  });
});

test("the gradient of a table that steps read has no table of zeros per step", async () => {
  const table = tensor("table", { shape: [7, 3] });
  const tokens = tensor("tokens", { shape: ["T", 2], dtype: "int32" });
  const { final } = scan((at: Tensor, h: Tensor) => tanh(index(table, at).add(h)), {
    sequences: tokens,
    outputsInfo: zeros([2, 3]),
  });
  const g = grad(sum(sqr(final)), table);
  const call = await compile({ inputs: { table, tokens }, outputs: { g }, store: new Store() });
  expect(call.explain()).toMatch(/accumulate into addends: \d+ -> \d+/);
  const numbersOfCall = {
    table: numbers(1, [7, 3]),
    tokens: fromNested("int32", [
      [1, 1],
      [6, 0],
      [1, 5],
    ]),
  };
  expectClose(call(numbersOfCall).g, evaluate(g, numbersOfCall));
});
