// The recurrent network of the Theano slides in plain JavaScript: one step, scan, the gradient through time, an update.
// With the weights below, Theano 1.0.5 computes the same cost and the same gradients.
//
//     npm run example -- seed-rnn.js
import { compile, grad, matrix, scan, shared, sigmoid, softmax, sqr, sum } from "@scan-train/core";
import { sgd } from "@scan-train/core/optim";

const Wi = shared(
  [
    [0.5390625, -0.9609375, 0.265625, 0.5],
    [0, -0.546875, -0.6015625, 0.5234375],
    [-0.6640625, -0.8203125, 0.3671875, 0.90625],
  ],
  { name: "Wi" },
);
const Wh = shared(
  [
    [-0.640625, -0.9609375, -0.0703125, 0.453125],
    [-0.15625, -0.03125, -0.9765625, -0.0234375],
    [0.8828125, 0.703125, 0.4609375, -0.78125],
    [0.7890625, 0.7109375, -0.671875, 0.265625],
  ],
  { name: "Wh" },
);
const Wo = shared(
  [
    [-0.6953125, 0.4765625],
    [-0.4765625, 0.0703125],
    [-0.96875, 0.8359375],
    [0.8046875, -0.9296875],
  ],
  { name: "Wo" },
);
const bh = shared([0.5546875, -0.5234375, 0.6484375, 0.9296875], { name: "bh" });
const bo = shared([0.03125, 0.546875], { name: "bo" });
const a0 = shared([0.6953125, -0.640625, -0.890625, -0.2734375], { name: "a0" });
const y0 = shared([-0.5546875, 0.046875], { name: "y0" });
const parameters = [Wi, Wh, Wo, bh, bo];

const xSeq = matrix("xSeq"); // [T, 3]
const yHat = matrix("yHat"); // [T, 2]

const {
  outputs: [, ySeq],
  updates,
} = scan(
  (x_t, a_tm1, _y_tm1) => {
    const a_t = sigmoid(x_t.dot(Wi).add(a_tm1.dot(Wh)).add(bh));
    return [a_t, softmax(a_t.dot(Wo).add(bo))];
  },
  { sequences: [xSeq], outputsInfo: [a0, y0], truncateGradient: -1 },
);
const cost = sum(sqr(ySeq.sub(yHat)));
const gradients = grad(cost, parameters);
const [dWi, dWh, dWo, dbh, dbo] = gradients;

const rnnTrain = await compile({
  inputs: { xSeq, yHat },
  outputs: { cost, dWi, dWh, dWo, dbh, dbo },
  updates: [...updates, ...sgd(parameters, gradients, 0.1)],
});

const data = {
  xSeq: [
    [-0.4140625, 0.0625, -0.6171875],
    [-0.8671875, 0.5703125, 0.3125],
    [0.2734375, 0.1484375, -0.921875],
    [-0.28125, 0.890625, -0.8828125],
    [0.7265625, 0.7578125, -0.8984375],
    [0.3046875, 0.1015625, 0.1953125],
  ],
  yHat: [
    [0.6484375, 0.5078125],
    [0.875, 0.1796875],
    [0.8515625, 0.75],
    [0.6640625, 0.984375],
    [0.2578125, 0.03125],
    [0.6328125, 0.84375],
  ],
};

const first = rnnTrain(data);
console.log("before training");
for (const [name, value] of Object.entries(first)) console.log(`  ${name} = ${value}`);
for (let step = 1; step < 500; step++) rnnTrain(data);
console.log(`after 500 steps\n  cost = ${rnnTrain(data).cost}`);
