/** One product in all ways, in turns. Arguments: m, k, n, the effort. */
import { compile, dot, shared, tensor } from "@scan-train/core";
import { report } from "../fresh-process.ts";
import type { GemmResult, ProductShape } from "../gemm.ts";
import { symmetric } from "../numbers.ts";
import { loadPeer, peers } from "../peers.ts";
import { summarize } from "../statistics.ts";
import { runInTurns, warmUp, type Contestant } from "../turns.ts";

const [m = 1, k = 1, n = 1] = process.argv.slice(2, 5).map(Number);
const quick = process.argv[5] === "quick";
const shape: ProductShape = [m, k, n];
const [a, b] = [symmetric(1, [m, k], 1), symmetric(2, [k, n], 1)];

const left = tensor("left", { shape: ["m", k] });
const right = tensor("right", { shape: [k, "n"] });
const withShared = await compile({
  inputs: { left },
  outputs: { product: dot(left, shared(b, { name: "W" })) },
});
const withBoth = await compile({
  inputs: { left, right },
  outputs: { product: dot(left, right) },
});

const contestants: Contestant[] = [
  { name: "W shared", step: () => Number(withShared({ left: a }).product.data[0]) },
  { name: "both given", step: () => Number(withBoth({ left: a, right: b }).product.data[0]) },
];
for (const { name, file } of peers)
  contestants.push({ name, step: await (await loadPeer(file)).createProduct(a, b) });

const wanted = a.data.subarray(0, k).reduce((sum, x, i) => sum + x * (b.data[i * n] ?? NaN), 0);
for (const { name, step } of contestants) {
  const got = step();
  if (!(Math.abs(got - wanted) < 1e-3)) throw new Error(`${name}: ${got}, expected ${wanted}`);
  warmUp(step, 200);
}
const samples = runInTurns(contestants, { turns: quick ? 2 : 6, turnTime: 60 });
const result: GemmResult = {
  shape,
  ways: contestants.map(({ name }, i) => ({ name, summary: summarize(samples[i] ?? []) })),
};
report(result);
