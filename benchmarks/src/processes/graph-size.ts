/** A large graph, built, compiled, and called until it runs at its speed. Arguments: chain or layers, how many. */
import {
  compile,
  dot,
  grad,
  mean,
  shared,
  sigmoid,
  sqr,
  sqrt,
  sum,
  tanh,
  tensor,
  type Shared,
  type Tensor,
} from "@scan-train/core";
import { sgd } from "@scan-train/core/optim";
import { report } from "../fresh-process.ts";
import { timeToPeak, type GraphSample } from "../graph-size.ts";
import { symmetric } from "../numbers.ts";

type Operation = (y: Tensor, x: Tensor) => Tensor;

/** Each keeps numbers near 1 near 1. */
const operations: readonly Operation[] = [
  (y, x) => y.add(x),
  (y) => tanh(y),
  (y) => y.mul(0.5),
  (y) => sigmoid(y),
  (y, x) => y.sub(x),
  (y) => sqr(y),
  (y) => y.add(1),
  (y) => sqrt(y),
  (y, x) => y.mul(x),
  (y) => y.div(2),
];

function chain(count: number) {
  const x = tensor("x", { shape: ["N"] });
  let y: Tensor = x;
  for (let i = 0; i < count; i++) y = operations[i % operations.length]?.(y, x) ?? y;
  return { inputs: { x }, outputs: { cost: sum(y) } };
}

const units = 16;

function layers(count: number) {
  const x = tensor("x", { shape: ["B", units] });
  const parameters: Shared[] = [];
  let h: Tensor = x;
  for (let i = 0; i < count; i++) {
    const W = shared(symmetric(i + 1, [units, units], 0.1), { name: `W${i}` });
    const b = shared({ data: new Float32Array(units), shape: [units] }, { name: `b${i}` });
    parameters.push(W, b);
    h = h.add(tanh(dot(h, W).add(b)));
  }
  const cost = mean(sqr(h));
  const updates = sgd(parameters, grad(cost, parameters), 1e-6);
  return { inputs: { x }, outputs: { cost }, updates };
}

const [kind = "chain", count = "100"] = process.argv.slice(2);
const isChain = kind === "chain";
const start = performance.now();
const spec = isChain ? chain(Number(count)) : layers(Number(count));
const built = performance.now();
const call = await compile(spec);
const compiled = performance.now();
const values = { x: isChain ? symmetric(7, [1000], 1) : symmetric(7, [8, units], 1) };
const durations: number[] = [];
const until = performance.now() + 1200;
while (durations.length < 10 || performance.now() < until) {
  const began = performance.now();
  const cost = call(values).cost.item();
  durations.push(performance.now() - began);
  if (!Number.isFinite(cost)) throw new Error(`${kind}, ${count}: the result is ${cost}`);
}
// No pass changes a chain, so nothing tells its size: the operations and their sum.
const applications = isChain
  ? Number(count) + 1
  : Number(/: (\d+) -> \d+ applications/.exec(call.explain())?.[1]);
if (!(applications > 0)) throw new Error("explain() does not tell the size of the graph");
const sample: GraphSample = {
  applications,
  build: built - start,
  compile: compiled - built,
  firstCall: durations[0] ?? NaN,
  toPeak: timeToPeak(durations),
  peak: durations.reduce((a, b) => Math.min(a, b)),
};
report(sample);
