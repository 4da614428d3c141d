/** Whole arrays: folds, products, rows, positions, pieces, random numbers. */
import * as core from "@scan-train/core";
import { add, mul, sum, type Tensor } from "@scan-train/core";
import {
  bernoulli,
  key,
  normal,
  randint,
  randomBits,
  split as splitKey,
  uniform,
} from "@scan-train/core/random";
import {
  exact,
  flags,
  given,
  input,
  integers,
  loose,
  real,
  small,
  tight,
  type ConformanceCase,
  type Float,
} from "../case.ts";
import { withGradients } from "./with-gradients.ts";

const { all, any, argmax, argmin, cast, concatenate, crossEntropy, dimshuffle, dot, flatten } =
  core;
const { incSubtensor, index, logSoftmax, logSumExp, matmul, max, mean, min, outer, prod, reshape } =
  core;
const { reverse, setSubtensor, softmax, split, stack, take, takeAlongLast, tanh, transpose } = core;
const { oneHot, reverseSequence, binaryCrossEntropyWithLogits } = core;

const lengths = [0, 1, 15, 16, 17, 255, 256, 257, 1000];

const folds: readonly ConformanceCase[] = [
  {
    name: "folds over rows, columns and all, of many lengths",
    tolerance: loose,
    build(float) {
      const x = input("x", float, ["N", null]);
      const outputs = {
        rows: sum(x, 1),
        columns: sum(x, 0),
        all: sum(x),
        product: prod(mul(x, 0.5), 0),
      };
      return withGradients({ x }, outputs, [x]);
    },
    calls: [...lengths.map((n) => ({ x: real(3, n) })), ...lengths.map((n) => ({ x: real(n, 2) }))],
  },
  {
    name: "greatest, least and means over axes",
    tolerance: loose,
    build(float) {
      const x = input("x", float, [null, 3, null]);
      const outputs = {
        max: max(x, 2),
        min: min(x, 0),
        middle: max(x, 1),
        mean: mean(x),
        pair: mean(x, [0, 2]),
        kept: sum(x, 1, { keepdims: true }),
      };
      return withGradients({ x }, outputs, [x]);
    },
    calls: [{ x: real(2, 3, 4) }, { x: real(5, 3, 17) }],
  },
  {
    name: "places of the greatest and least, with ties and NaN",
    tolerance: exact,
    build() {
      const [x, b] = [input("x", "float32", [null, null]), input("b", "bool", [null, null])];
      const outputs = {
        argmax: argmax(x, 1),
        argmin: argmin(x, 0),
        max: max(x, 1),
        min: min(x, 0),
        any: any(b, 1),
        all: all(b, 0),
        count: sum(cast(b, "int32")),
      };
      return { inputs: { x, b }, outputs };
    },
    calls: [
      { x: given([3, 4], [1, 3, 3, 0, -1, -1, -2, -2, 5, NaN, 7, NaN]), b: flags(3, 4) },
      { x: real(20, 70), b: flags(20, 70) },
    ],
  },
];

function productCase(name: string, m: number, k: number, n: number): ConformanceCase {
  return {
    name: `products ${name}: [${m}, ${k}] by [${k}, ${n}]`,
    tolerance: loose,
    build(float) {
      const [a, b, c] = [
        input("a", float, ["M", k]),
        input("b", float, [k, n]),
        input("c", float, ["M", n]),
      ];
      const outputs = { product: dot(a, b), added: add(c, dot(a, tanh(b))) };
      return withGradients({ a, b, c }, outputs, [a, b, c]);
    },
    calls: [{ a: small(m, k), b: small(k, n), c: small(m, n) }],
  };
}

const products: readonly ConformanceCase[] = [
  productCase("small", 1, 1, 1),
  productCase("of a row", 1, 17, 5),
  productCase("of a column", 5, 17, 1),
  productCase("odd", 3, 5, 17),
  productCase("of whole tiles", 64, 64, 64),
  productCase("over tiles", 33, 65, 37),
  productCase("long", 5, 600, 12),
  {
    name: "products of vectors and batches, transposed",
    tolerance: loose,
    build(float) {
      const [a, b, v, w] = [
        input("a", float, [null, 3, 4]),
        input("b", float, [null, 4, 5]),
        input("v", float, [4]),
        input("w", float, ["N"]),
      ];
      const outputs = {
        batched: matmul(a, b),
        inner: dot(w, w),
        outer: outer(v, w),
        vector: dot(v, transpose(sum(a, 0))),
        matrix: dot(sum(a, 0), v),
      };
      return withGradients({ a, b, v, w }, outputs, [a, b, v, w]);
    },
    calls: [{ a: real(2, 3, 4), b: real(2, 4, 5), v: real(4), w: real(6) }],
  },
];

const rows: readonly ConformanceCase[] = [
  {
    name: "softmax and its kin over rows, also of -Infinity",
    tolerance: loose,
    build(float) {
      const x = input("x", float, ["B", null]);
      const outputs = {
        softmax: softmax(x),
        log: logSoftmax(x),
        sum: logSumExp(x, 1),
        middle: softmax(x, 0),
      };
      return { inputs: { x }, outputs };
    },
    calls: [
      { x: real(3, 5) },
      { x: real(2, 130) },
      { x: given([2, 3], [0, -Infinity, 1, -Infinity, 5, 5]) },
    ],
  },
  {
    name: "losses and their gradients",
    tolerance: loose,
    build(float) {
      const [x, y, z] = [
        input("x", float, ["B", 7]),
        input("y", "int32", ["B"]),
        input("z", float, ["B", 7]),
      ];
      const outputs = {
        cross: crossEntropy(x, y),
        binary: binaryCrossEntropyWithLogits(x, core.sigmoid(z)),
        soft: sum(mul(softmax(x), z), 1),
        kept: logSumExp(x, 1),
      };
      return withGradients({ x, y, z }, outputs, [x, z]);
    },
    calls: [{ x: real(4, 7), y: integers(0, 7, 4), z: real(4, 7) }],
  },
];

const positions: readonly ConformanceCase[] = [
  {
    name: "rows by ids, added and set back, ids repeated",
    tolerance: tight,
    build(float) {
      const [table, ids, values] = [
        input("table", float, [6, 5]),
        input("ids", "int32", ["T", "B"]),
        input("values", float, ["T", "B", 5]),
      ];
      const outputs = {
        taken: take(table, ids, 0),
        column: take(table, ids, 1),
        added: incSubtensor(table, [ids], values),
      };
      return withGradients({ table, ids, values }, outputs, [table, values]);
    },
    calls: [
      { table: real(6, 5), ids: integers(0, 5, 3, 4), values: real(3, 4, 5) },
      { table: real(6, 5), ids: given([1, 3], [2, 2, 2]), values: real(1, 3, 5) },
    ],
  },
  {
    name: "elements along the last axis, rows set, the last of several stays",
    tolerance: tight,
    build(float) {
      const [x, ids, rowIds, row] = [
        input("x", float, ["B", 6]),
        input("ids", "int32", ["B"]),
        input("rowIds", "int32", [null]),
        input("row", float, [6]),
      ];
      const outputs = {
        along: takeAlongLast(x, ids),
        set: setSubtensor(x, [rowIds], row),
        hot: oneHot(ids, 6, float),
      };
      return withGradients({ x, ids, rowIds, row }, outputs, [x, row]);
    },
    calls: [{ x: real(4, 6), ids: integers(0, 6, 4), rowIds: given([3], [1, 3, 1]), row: real(6) }],
  },
  {
    name: "an id outside its axis is an error, and changes no variable",
    tolerance: tight,
    build(float) {
      const ids = input("ids", "int32", [null]);
      const table = core.shared([1, 2, 3], { name: "table", dtype: float });
      const next = incSubtensor(table, [ids], 1);
      return {
        inputs: { ids },
        outputs: { taken: take(table, ids) },
        updates: [[table, next]],
        variables: [table],
      };
    },
    calls: [{ ids: given([2], [0, 2]) }, { ids: given([2], [1, 3]) }],
    fails: "INDEX_RANGE",
  },
];

const pieces: ConformanceCase = {
  name: "pieces: slices, joins, turns, other shapes",
  tolerance: tight,
  build(float) {
    const [x, y, lengths_] = [
      input("x", float, [null, 6]),
      input("y", float, [null, 2]),
      input("lengths", "int32", [6]),
    ];
    const [left, right] = split(x, 2, 1) as [Tensor, Tensor];
    const outputs = {
      slice: index(x, { start: 1, step: 2 }),
      column: index(x, "...", -1),
      back: reverse(x, 0),
      joined: concatenate([x, y], 1),
      stacked: stack([left, right], 0),
      turned: transpose(x),
      shaped: reshape(x, [-1, 3]),
      flat: flatten(x),
      wide: dimshuffle(x, [1, "x", 0]),
      rows: reverseSequence(x, lengths_),
      changed: incSubtensor(x, [{ start: 1 }], 2),
      set: setSubtensor(x, [{ start: 0, stop: 1 }], 0),
    };
    return withGradients({ x, y, lengths: lengths_ }, outputs, [x, y]);
  },
  calls: [
    { x: real(4, 6), y: real(4, 2), lengths: given([6], [0, 1, 2, 3, 4, 4]) },
    { x: real(5, 6), y: real(5, 2), lengths: given([6], [5, 5, 1, 0, 2, 3]) },
  ],
};

const random: readonly ConformanceCase[] = [
  {
    name: "random numbers, bit for bit",
    tolerance: exact,
    build() {
      const seed = input("seed", "int32", []);
      const [a, b, c, d] = [0, 1, 2, 3].map((i) => core.index(splitKey(key(seed), 4), i));
      if (a === undefined || b === undefined || c === undefined || d === undefined)
        throw new RangeError("four keys");
      return {
        inputs: { seed },
        outputs: {
          bits: randomBits(a, [3, 5]),
          uniform: uniform(b, [70]),
          coins: bernoulli(c, 0.3, [40]),
          dice: randint(d, -5, 17, [40]),
        },
      };
    },
    calls: [{ seed: given([], [1]) }, { seed: given([], [-7]) }],
  },
  {
    name: "normal random numbers",
    tolerance: loose,
    build: () => ({ inputs: {}, outputs: { normal: normal(key(3), [50]) } }),
    calls: [{}],
  },
];

const nothing: ConformanceCase = {
  name: "arrays without elements",
  tolerance: tight,
  build(float: Float) {
    const [x, y] = [input("x", float, ["N", 3]), input("y", float, [3, 2])];
    const outputs = {
      sum: sum(x, 0),
      product: dot(x, y),
      joined: concatenate([x, x], 0),
      soft: softmax(x),
    };
    return withGradients({ x, y }, outputs, [x, y]);
  },
  calls: [
    { x: real(0, 3), y: real(3, 2) },
    { x: real(2, 3), y: real(3, 2) },
  ],
};

export const arrayCases: readonly ConformanceCase[] = [
  ...folds,
  ...products,
  ...rows,
  ...positions,
  pieces,
  ...random,
  nothing,
];
