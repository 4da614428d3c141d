/** How many rows a product has, a call may decide: one row reads the right matrix as it lies, more rows read it packed. */
import { expect, test } from "vitest";
import { compile, dot, shared, tensor, type Tensor } from "../../src/index.ts";

const [k, n] = [300, 37];
const values = (rows: number, columns: number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(1 + i * 7.3));
const W = shared({ data: values(k, n), shape: [k, n] }, { name: "W" });
const V = shared({ data: values(n, k), shape: [n, k] }, { name: "V" });
const x = tensor("x", { shape: ["m", k] });

const ways: readonly (readonly [string, Tensor])[] = [
  ["as it lies", dot(x, W)],
  ["transposed", dot(x, V.transpose())],
];

test.each(ways)("the right matrix %s", async (_, product) => {
  const call = await compile({ inputs: { x }, outputs: { product }, profile: true });
  const run = (m: number): { readonly packs: number; readonly data: readonly number[] } => {
    const packs = (): number =>
      call.profile().kernels.find(({ name }) => name.startsWith("pack "))?.count ?? 0;
    const before = packs();
    const { data } = call({ x: { data: values(m, k), shape: [m, k] } }).product;
    return { packs: packs() - before, data: Array.from(data) };
  };
  const [one, two] = [run(1), run(2)];
  expect([one.packs, two.packs]).toEqual([0, 1]);
  expect(one.data).toHaveLength(n);
  expect(one.data).toEqual(two.data.slice(0, n));
  expect(run(0).data).toEqual([]);
  expect(run(1)).toEqual(one);
});
