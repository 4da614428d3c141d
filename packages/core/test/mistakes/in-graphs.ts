/** Slips in expressions and gradients. */
import {
  add,
  concatenate,
  constant,
  crossEntropy,
  dimshuffle,
  dot,
  grad,
  index,
  jvp,
  matrix,
  reshape,
  setSubtensor,
  shared,
  softmax,
  sqr,
  stack,
  sum,
  take,
  tensor,
  vector,
} from "../../src/index.ts";
import { dense, gru } from "../../src/nn.ts";
import { adam, sgd } from "../../src/optim.ts";
import { key, uniform } from "../../src/random.ts";
import { loosely, type Mistake } from "./mistake.ts";

const X = tensor("X", { shape: [4, 3], dtype: "float32" });
const Y = tensor("Y", { shape: [5, 2], dtype: "float32" });
const v = vector("v");
const W = shared([[0.1, 0.2, 0.3]], { name: "W" });
const b = shared([0], { name: "b" });

export const inGraphs: readonly Mistake[] = [
  { what: "a product of shapes that do not meet", names: "X", run: () => dot(X, Y) },
  { what: "a sum of shapes that do not meet", names: "Y", run: () => X.add(Y) },
  {
    what: "brackets in place of index",
    names: "index",
    run: () => loosely(add)(Reflect.get(X, "0"), 1),
  },
  { what: "a tensor used as a number", names: "X", run: () => Number(X) + 1 },
  { what: "a reshape to another number of elements", names: "X", run: () => reshape(X, [5, 5]) },
  { what: "an axis that is not there", names: "X", run: () => sum(X, 2) },
  { what: "pieces that do not fit", names: "Y", run: () => concatenate([X, Y]) },
  { what: "stacked tensors of different shape", names: "Y", run: () => stack([X, Y]) },
  { what: "a place outside of an axis", names: "X", run: () => index(X, 9) },
  { what: "too many indices", names: "X", run: () => index(X, 0, 0, 0) },
  { what: "ids that are floats", names: "v", run: () => take(X, v) },
  { what: "an axis dropped that is not of size 1", names: "X", run: () => dimshuffle(X, [0]) },
  { what: "an axis shown twice", names: "X", run: () => dimshuffle(X, [0, 0]) },
  { what: "softmax over an axis that is not there", names: "X", run: () => softmax(X, 5) },
  {
    what: "values that do not fit where they are set",
    names: "Y",
    run: () => setSubtensor(X, [0], Y),
  },
  { what: "an undefined operand", names: "add", run: () => loosely(add)(X, undefined) },
  { what: "a text as an operand", names: "add", run: () => loosely(add)(X, "1") },
  {
    what: "a dtype that does not exist",
    names: "float16",
    run: () => matrix("m", loosely({ dtype: "float16" })),
  },
  { what: "a ragged list", names: "constant", run: () => constant([[1, 2], [3]]) },
  { what: "the gradient of a matrix", names: "X", run: () => grad(X, X) },
  { what: "the gradient in something else", names: "b", run: () => grad(sum(sqr(W)), b) },
  {
    what: "the gradient of a number",
    names: "grad",
    run: () => loosely(grad as (...args: never[]) => unknown)(3, W),
  },
  { what: "a direction of another shape", names: "Y", run: () => jvp(sum(sqr(X)), X, Y) },
  {
    what: "labels that are floats",
    names: "labels",
    run: () => crossEntropy(X, Object.assign(sum(X, 1), { name: "labels" })),
  },
  { what: "the rate of another library", names: "lr", run: () => loosely(adam)({ lr: 0.1 }) },
  { what: "an optimiser without options", names: "adam", run: () => loosely(adam)() },
  { what: "a gradient too few", names: "sgd", run: () => sgd([W, b], [sum(W)], 0.1) },
  { what: "a gradient of another shape", names: "W", run: () => sgd([W], [sum(W)], 0.1) },
  { what: "a seed as a key", names: "uniform", run: () => loosely(uniform)(1, [2]) },
  {
    what: "a layer without a name",
    names: "dense",
    run: () => loosely(dense)({ inputSize: 3, outputSize: 2, key: key(1) }),
  },
  {
    what: "an activation as a text",
    names: "relu",
    run: () =>
      loosely(dense)({ inputSize: 3, outputSize: 2, key: key(1), name: "out", activation: "relu" }),
  },
  {
    what: "a layer given rows of another width",
    names: "out.W",
    run: () => dense({ inputSize: 7, outputSize: 2, key: key(1), name: "out" })(X),
  },
  {
    what: "a cell given rows of another width",
    names: "gru.Wx",
    run: () => {
      const cell = gru({ inputSize: 7, hiddenSize: 2, key: key(1), name: "gru" });
      return cell.step({ x: X, ...cell.init(4) });
    },
  },
];
