/** How many rows a product has, a call may decide: one row reads the right matrix as it lies, more rows read it packed. */
import { expect, test } from "vitest";
import {
  compile,
  dot,
  shared,
  tensor,
  tensor3,
  scan,
  zeros,
  type Tensor,
} from "../../src/index.ts";

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

test("products with one matrix share what is packed", async () => {
  const y = tensor("y", { shape: ["m", k] });
  const call = await compile({
    inputs: { x, y },
    outputs: { p: dot(x, W), q: dot(y, W) },
    profile: true,
  });
  const rows = { data: values(2, k), shape: [2, k] };
  const { p, q } = call({ x: rows, y: rows });
  expect(p.data).toEqual(q.data);
  const packs = call.profile().kernels.filter(({ name }) => name.startsWith("pack "));
  expect(packs.map(({ count }) => count)).toEqual([1]);
});

test("a matrix that changes from step to step, row by row", async () => {
  const xs = tensor3("xs");
  const { outputs } = scan({
    sequences: { x: xs },
    init: { S: zeros([3, 5]) },
    step: ({ x, S }) => ({ S: S.add(dot(x.transpose(), dot(x, S).add(1))) }),
  });
  const call = await compile({ inputs: { xs }, outputs: { S: outputs.S } });
  const T = 8;
  const data = values(T, 3);
  const S = Array.from({ length: 15 }, () => 0);
  const wanted: number[] = [];
  for (let t = 0; t < T; t++) {
    const x = data.subarray(3 * t, 3 * t + 3);
    const seen = Array.from({ length: 5 }, (_, j) =>
      x.reduce((sum, value, i) => sum + value * (S[5 * i + j] ?? NaN), 1),
    );
    for (let at = 0; at < 15; at++)
      S[at] = (S[at] ?? NaN) + (x[Math.floor(at / 5)] ?? NaN) * (seen[at % 5] ?? NaN);
    wanted.push(...S);
  }
  const got = call({ xs: { data, shape: [T, 1, 3] } }).S.data;
  for (const [at, value] of wanted.entries()) expect(got[at]).toBeCloseTo(value, 3);
});
