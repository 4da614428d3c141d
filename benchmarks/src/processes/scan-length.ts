/** One compiled scan at every length, in turns. Arguments: small or large, forward or gradient, the effort. */
import { compile, grad, mean, sqr } from "@scan-train/core";
import { report } from "../fresh-process.ts";
import { symmetric } from "../numbers.ts";
import { lengths, scanSizes, type LengthResult } from "../scan-cost.ts";
import { summarize } from "../statistics.ts";
import { inputSize, tanhNetwork, unrolled } from "../tanh-network.ts";
import { runInTurns, warmUp } from "../turns.ts";

const [sizeName, whatName, effort] = process.argv.slice(2);
const size = sizeName === "large" ? "large" : "small";
const what = whatName === "gradient" ? "gradient" : "forward";
const { H, B } = scanSizes[size];

const network = tanhNetwork(H);
const { x, all, final } = unrolled(network, H, ["T", "B"]);
const [gx, gh] = grad(mean(sqr(all)), network.parameters);
if (gx === undefined || gh === undefined) throw new Error("no gradients");
const outputs = what === "forward" ? { final } : { gx, gh };
const call = await compile({ inputs: { x }, outputs });

const contestants = lengths.map((T) => {
  const values = { x: symmetric(10, [T, B, inputSize], 1) };
  const step = (): number => {
    const [first] = Object.values(call(values));
    return Number(first?.data[0]);
  };
  return { name: `T ${T}`, step };
});
for (const { name, step } of contestants)
  if (!Number.isFinite(step())) throw new Error(`${name}: the result is not finite`);
for (const { step } of contestants) warmUp(step, 300);
const quick = effort === "quick";
const samples = runInTurns(contestants, { turns: quick ? 2 : 6, turnTime: 100 });
const result: LengthResult = {
  size,
  what,
  calls: lengths.map((T, i) => ({ T, summary: summarize(samples[i] ?? []) })),
};
report(result);
