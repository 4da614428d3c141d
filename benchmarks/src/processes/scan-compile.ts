/** A training step of a tanh network of 128 units, compiled from cold. Arguments: T and B, or nothing for run-time sizes. */
import { compile, grad, mean, sqr } from "@scan-train/core";
import { sgd } from "@scan-train/core/optim";
import { report } from "../fresh-process.ts";
import type { ScanCompileSample } from "../scan-cost.ts";
import { tanhNetwork, unrolled } from "../tanh-network.ts";

const H = 128;
const [T, B] = process.argv.slice(2).map(Number);
const network = tanhNetwork(H);
const { x, all } = unrolled(network, H, [T ?? "T", B ?? "B"]);
const cost = mean(sqr(all));
const updates = sgd(network.parameters, grad(cost, network.parameters), 0.1);
const start = performance.now();
const train = await compile({ inputs: { x }, outputs: { cost }, updates });
const sample: ScanCompileSample = {
  compile: performance.now() - start,
  bytes: Number(/(\d+) bytes/.exec(train.explain())?.[1]),
};
if (!(sample.bytes > 0)) throw new Error("explain() does not tell the bytes of the module");
report(sample);
