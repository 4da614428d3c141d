// The adding problem: a sequence of 50 to 55 numbers, two of them marked; the answer is their sum. A network that always says 1
// has a mean squared error of 1/6. The lengths differ, so batches are padded; padding changes nothing.
//
//     npm run example -- adding-problem
import { sqr, sub } from "@scan-train/core";
import { dense, gru, run } from "@scan-train/core/nn";
import { adam } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import { createTrainer, ragged, scalarField } from "@scan-train/workers/node";

/** A generator of numbers in [0, 1) that gives the same ones everywhere. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Row {
  readonly x: number[][];
  readonly y: number;
}

function makeRow(random: () => number): Row {
  const length = 50 + Math.floor(6 * random());
  const half = Math.floor(length / 2);
  const marked = [Math.floor(half * random()), half + Math.floor((length - half) * random())];
  const values = Array.from({ length }, random);
  const x = values.map((value, t) => [value, Number(marked.includes(t))]);
  return { x, y: marked.reduce((sum, t) => sum + (values[t] ?? 0), 0) };
}

const random = numbers(1);
const training = Array.from({ length: 3000 }, () => makeRow(random));
const test = Array.from({ length: 500 }, () => makeRow(random));

const cell = gru({ inputSize: 2, hiddenSize: 32, key: key(1), name: "gru" });
const output = dense({ inputSize: 32, outputSize: 1, key: key(2), name: "output" });

const trainer = await createTrainer({
  data: { x: ragged("float32", [2]), y: scalarField("float32") },
  model: ({ x, y, lengths }) => {
    const { final } = run(cell, x, { lengths });
    return { loss: sqr(sub(output(final.h).squeeze(1), y)) }; // [B], not averaged
  },
  optimizer: adam({ learningRate: 0.01, clipNorm: 1 }),
  batchSize: 50,
  workers: 2,
  seed: 1,
});
for await (const event of trainer.fit(training, { epochs: 8 }))
  if (event.kind === "epoch-end") console.log(`epoch ${event.epoch} loss ${event.loss.toFixed(4)}`);
const { loss, waste } = await trainer.evaluate(test);
await trainer.close();
console.log(`test loss ${loss.toFixed(4)}, always saying 1 has ${(1 / 6).toFixed(4)}`);
console.log(`padding: ${(100 * waste).toFixed(1)} % of the steps computed`);
