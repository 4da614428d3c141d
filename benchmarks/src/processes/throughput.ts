/** S3 as a compiled step, then through the trainer: on sequences of one length, and on ragged ones. Argument: workers. */
import { compile } from "@scan-train/core";
import { crossEntropy, dense, lstm, run } from "@scan-train/core/nn";
import { sgd } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import {
  createDataset,
  createTrainer,
  ragged,
  type Dataset,
  type ModelInputs,
  type ModelResult,
  type Trainer,
} from "@scan-train/workers/node";
import { report } from "../fresh-process.ts";
import { integers, units } from "../numbers.ts";
import type { Rate, ThroughputSample } from "../throughput.ts";
import { warmUp } from "../turns.ts";
import { s3 } from "../workloads.ts";

const [V, H, T, B] = [64, 128, 64, 32];
/** Updates in a pass over the data; the first ones are warm-up. */
const [steps, warmUpSteps] = [120, 30];
const plainSteps = 60;

const fields = { x: ragged("int32"), y: ragged("int32") };

function model({ x, y, lengths }: ModelInputs<typeof fields>): ModelResult {
  const cell = lstm({ inputSize: V, hiddenSize: H, key: key(1), name: "lstm" });
  const output = dense({ inputSize: H, outputSize: V, key: key(2), name: "output" });
  return { loss: crossEntropy(output(run(cell, x, { lengths }).outputs.h), y) };
}

/** Sequences of tokens, each to be foretold from those before it. */
function dataset(lengths: readonly number[]): Dataset<typeof fields> {
  const rows = lengths.map((length, row) => {
    const tokens = integers(100 + row, [length + 1], V).data;
    return { x: tokens.slice(0, length), y: tokens.slice(1) };
  });
  return createDataset(fields, rows);
}

/** Milliseconds of a step without the trainer, mean. */
async function plainStep(): Promise<number> {
  const { inputs, values, cost, updates } = s3();
  const train = await compile({ inputs, outputs: { cost }, updates });
  const step = (): number => train(values).cost.item();
  warmUp(step, 600);
  const start = performance.now();
  for (let i = 0; i < plainSteps; i++) step();
  const time = performance.now() - start;
  train.dispose();
  return time / plainSteps;
}

async function rateOf(
  trainer: Trainer<typeof fields>,
  data: Dataset<typeof fields>,
): Promise<Rate> {
  let [start, end, counted, sequences, tokens, computed] = [0, 0, 0, 0, 0, 0];
  for await (const event of trainer.fit(data, { epochs: 1 })) {
    if (event.kind !== "step") continue;
    end = performance.now();
    if (event.step <= warmUpSteps) {
      start = end;
      continue;
    }
    counted++;
    sequences += event.sequences;
    tokens += event.tokens;
    computed += event.tokens / (1 - event.waste);
  }
  const seconds = (end - start) / 1000;
  return {
    step: (1000 * seconds) / counted,
    sequencesPerSecond: sequences / seconds,
    tokensPerSecond: tokens / seconds,
    waste: 1 - tokens / computed,
  };
}

const workers = Number(process.argv[2]);
const plain = await plainStep();
const trainer = await createTrainer({
  data: fields,
  model,
  optimizer: sgd({ learningRate: 0.1 }),
  batchSize: B,
  workers,
});
const even = await rateOf(trainer, dataset(Array.from({ length: steps * B }, () => T)));
const uneven = Array.from(units(5, steps * B), (u) => 1 + Math.floor(u * (2 * T - 1)));
const sample: ThroughputSample = { plain, even, ragged: await rateOf(trainer, dataset(uneven)) };
await trainer.close();
report(sample);
