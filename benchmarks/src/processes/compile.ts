/** A two-layer language model with gradient, clipping and Adam: built, compiled, called once. Arguments: T and B, or nothing. */
import { compile, grad, mean, tensor, type SizeSpec } from "@scan-train/core";
import { crossEntropy, dense, lstm, run } from "@scan-train/core/nn";
import { adam } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import type { CompileSample } from "../compile-time.ts";
import { report } from "../fresh-process.ts";
import { integers } from "../numbers.ts";

const [V, H] = [64, 128];

function languageModel(shape: readonly SizeSpec[]) {
  const x = tensor("x", { shape, dtype: "int32" });
  const y = tensor("y", { shape, dtype: "int32" });
  const first = lstm({ inputSize: V, hiddenSize: H, key: key(1), name: "first" });
  const second = lstm({ inputSize: H, hiddenSize: H, key: key(2), name: "second" });
  const output = dense({ inputSize: H, outputSize: V, key: key(3), name: "output" });
  const states = run(second, run(first, x).outputs.h).outputs.h;
  const cost = mean(crossEntropy(output(states), y));
  const parameters = [...first.parameters, ...second.parameters, ...output.parameters];
  const optimizer = adam({ learningRate: 3e-3, clipNorm: 1 });
  const updates = optimizer.updates(parameters, grad(cost, parameters));
  return { inputs: { x, y }, outputs: { cost }, updates };
}

const [T = 0, B = 0] = process.argv.slice(2).map(Number);
const start = performance.now();
const graph = languageModel(T === 0 ? ["T", "B"] : [T, B]);
const built = performance.now();
const train = await compile(graph);
const compiled = performance.now();
const shape = T === 0 ? [64, 32] : [T, B];
const loss = train({ x: integers(1, shape, V), y: integers(2, shape, V) }).cost.item();
const called = performance.now();
if (!(Math.abs(loss - Math.log(V)) < 0.5)) throw new Error(`the first loss is ${loss}`);

const sample: CompileSample = {
  build: built - start,
  compile: compiled - built,
  firstStep: called - compiled,
};
report(sample);
