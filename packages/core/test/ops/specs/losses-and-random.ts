/** Losses; keys and what they give. */
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
} from "../../../src/ops/losses.ts";
import { foldIn, key, split as splitKey } from "../../../src/ops/random-key.ts";
import {
  bernoulli,
  gumbel,
  normal,
  randint,
  randomBits,
  uniform,
} from "../../../src/ops/random.ts";
import { given, positive, real, reals } from "../samples.ts";
import { exactRow, ids, place, row, type OpSpec } from "./op-spec.ts";

export const losses: OpSpec[] = [
  row("crossEntropy of labels", (x, y) => crossEntropy(x, y), [
    [real(4), place(2)],
    [real(3, 4), ids(2, 0, 3)],
    [real(2, 2, 3), given("int32", [2, 2], [0, 1, 2, 1])],
  ]),
  row("crossEntropy of probabilities", (x, y) => crossEntropy(x, y), [
    [real(3, 4), positive(3, 4)],
  ]),
  row("binaryCrossEntropy", (x, y) => binaryCrossEntropy(x, y), [
    [reals([4], 0.1, 0.9), reals([4], 0, 1)],
  ]),
  row("binaryCrossEntropyWithLogits", (x, y) => binaryCrossEntropyWithLogits(x, y), [
    [real(4), reals([4], 0, 1)],
    [given("float64", [1], [0]), reals([1], 0, 1)],
  ]),
];

const keyed = { wrt: [], symbolic: false } as const;
const words = [[given("int32", [2], [7, 9])]];
export const random: OpSpec[] = [
  exactRow("randomBits", (k) => randomBits(k, [3, 5]), words, keyed),
  exactRow("uniform", (k) => uniform(k, [3, 5]), words, keyed),
  exactRow(
    "uniform of float64",
    (k) => uniform(k, [9], { low: -1, high: 3, dtype: "float64" }),
    words,
    keyed,
  ),
  row("uniform of a range", (k) => uniform(k, [9], { low: -1, high: 3 }), words, keyed),
  row("gumbel", (k) => gumbel(k, [9], "float32"), words, keyed),
  row("gumbel of float64", (k) => gumbel(k, [9], "float64"), words, keyed),
  row("normal", (k) => normal(k, [4]), words, { ...keyed, lower: false }),
  exactRow("bernoulli", (k) => bernoulli(k, 0.3, [9]), words, keyed),
  exactRow("randint", (k) => randint(k, -2, 5, [9]), words, keyed),
  exactRow("split of a key", (k) => splitKey(k, 3), words, keyed),
  exactRow("foldIn", (k, i) => foldIn(k, i), [[given("int32", [2], [7, 9]), place(5)]], keyed),
  exactRow("key of a tensor", (i) => key(i), [[place(5)]], keyed),
];
