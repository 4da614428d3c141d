// The minimal RNN notebook as a class, and the training loop that it breaks off with: its data were never defined. Here each
// input is seven random numbers, and the target says which of the step before was the largest.
//
//     npm run example -- notebook-rnn
import {
  compile,
  grad,
  log,
  matrix,
  mean,
  neg,
  scan,
  softmax,
  stack,
  sub,
  tanh,
  zeros,
  type CompiledFunction,
  type Nested,
  type Tensor,
} from "@scan-train/core";
import { parameter, svd, zero } from "@scan-train/core/nn";
import { sgd } from "@scan-train/core/optim";
import { foldIn, key } from "@scan-train/core/random";

type F = Tensor<"float32">;
type Train = CompiledFunction<{ readonly X: F; readonly Y: F }, { readonly cost: F }>;
type Predict = CompiledFunction<{ readonly X: F }, { readonly y: F; readonly shapes: Tensor }>;

class Rnn {
  readonly train: Train;
  readonly predictions: Predict;

  private constructor(train: Train, predictions: Predict) {
    this.train = train;
    this.predictions = predictions;
  }

  static async create(nIn: number, nHid: number, nOut: number, lr: number): Promise<Rnn> {
    const seed = key(3);
    const W_in = parameter("W_in", [nIn, nHid], svd, foldIn(seed, 0));
    const W_out = parameter("W_out", [nHid, nOut], svd, foldIn(seed, 1));
    const W_rec = parameter("W_rec", [nHid, nHid], svd, foldIn(seed, 2));
    const b_out = parameter("b_out", [nOut], zero, seed);
    const params = [W_in, W_out, W_rec, b_out];

    const X = matrix("X"); // a sequence of vectors
    const Y = matrix("Y");
    const {
      outputs: [h, y],
    } = scan(
      (x_t, h_tm1) => {
        const h_t = tanh(x_t.dot(W_in).add(h_tm1.dot(W_rec)));
        return [h_t, softmax(neg(h_t.dot(W_out).add(b_out)))];
      },
      { sequences: X, outputsInfo: [zeros([nHid]), null] },
    );
    const cost = neg(mean(Y.mul(log(y)).add(sub(1, Y).mul(log(sub(1, y))))));
    const shapes = stack([X.size(0), X.size(1), h.size(0), h.size(1), y.size(0), y.size(1)]);

    return new Rnn(
      await compile({
        inputs: { X, Y },
        outputs: { cost },
        updates: sgd(params, grad(cost, params), lr),
      }),
      await compile({ inputs: { X }, outputs: { y, shapes } }),
    );
  }
}

/** A generator of numbers in [0, 1) that gives the same ones everywhere. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const [steps, width] = [100, 7];

function sequence(random: () => number): { X: number[][]; Y: number[][]; largest: number[] } {
  const X = Array.from({ length: steps }, () =>
    Array.from({ length: width }, () => 2 * random() - 1),
  );
  const largest = X.map((_, t) => {
    const before = X[t - 1] ?? [];
    return Math.max(0, before.indexOf(Math.max(...before)));
  });
  const Y = largest.map((k) => Array.from({ length: width }, (_, i) => Number(i === k)));
  return { X, Y, largest };
}

const random = numbers(7);
const trainData = Array.from({ length: 40 }, () => sequence(random));
const testData = Array.from({ length: 10 }, () => sequence(random));

const model = await Rnn.create(width, 50, width, 1);

function accuracy(): number {
  let right = 0;
  for (const { X, largest } of testData)
    for (const [t, row] of rows(model.predictions({ X }).y.toArray()).entries())
      if (t > 0 && row.indexOf(Math.max(...row)) === largest[t]) right++;
  return right / (testData.length * (steps - 1));
}

function rows(matrix: Nested): number[][] {
  if (typeof matrix !== "object") return [];
  return matrix.map((row) => (typeof row === "object" ? row.map(Number) : []));
}

console.log(`shapes of X, h, y: ${model.predictions({ X: trainData[0]?.X ?? [] }).shapes}`);
for (let epoch = 1; epoch <= 20; epoch++) {
  let error = 0;
  for (const { X, Y } of trainData) error += model.train({ X, Y }).cost.item();
  if (epoch === 1 || epoch % 5 === 0)
    console.log(`epoch ${epoch} error: ${(error / trainData.length).toFixed(4)}`);
}
console.log(
  `accuracy on new sequences: ${accuracy().toFixed(3)} (by chance ${(1 / 7).toFixed(3)})`,
);
