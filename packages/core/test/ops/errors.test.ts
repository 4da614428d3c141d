import { describe, expect, test } from "vitest";
import { ScanTrainError } from "../../src/errors/errors.ts";
import type { DType } from "../../src/graph/dtype.ts";
import { bindSizes, evaluateGraph, type Sizes } from "../../src/graph/evaluate.ts";
import type { NDArray } from "../../src/graph/ndarray.ts";
import { Tensor } from "../../src/graph/tensor.ts";
import { arange } from "../../src/ops/arange.ts";
import { argmax } from "../../src/ops/argmax.ts";
import { add, sub } from "../../src/ops/arithmetic.ts";
import { max, mean } from "../../src/ops/axes.ts";
import { broadcastTo, sum } from "../../src/ops/broadcast.ts";
import { concatenate, split, unstack } from "../../src/ops/concatenate.ts";
import { constant, zeros } from "../../src/ops/constant.ts";
import { dimshuffle, expandDims, squeeze, transpose } from "../../src/ops/dimshuffle.ts";
import { dot, matmulBatched } from "../../src/ops/dot.ts";
import { and } from "../../src/ops/logic.ts";
import { crossEntropy } from "../../src/ops/losses.ts";
import { key } from "../../src/ops/random-key.ts";
import { randint, uniform } from "../../src/ops/random.ts";
import { reshape } from "../../src/ops/reshape.ts";
import { softmax } from "../../src/ops/softmax.ts";
import { index, setSubtensor, take } from "../../src/ops/subtensor.ts";
import { takeAlongLast } from "../../src/ops/take-along.ts";
import { constantSize, symbolSize } from "../../src/size/size.ts";
import { integers, real } from "./samples.ts";

function input(
  name: string,
  shape: readonly (number | string)[],
  dtype: DType = "float32",
): Tensor {
  const sizes = shape.map((size) =>
    typeof size === "number"
      ? constantSize(size)
      : symbolSize({ kind: "symbol", key: size, name: size }),
  );
  return new Tensor({ dtype, shape: sizes }, { kind: "input" }, name);
}

const x = input("x", ["T", 3]);
const w = input("W", [4, 5]);
const v = input("v", [3]);
const ids = input("ids", ["B"], "int32");
const scalar = input("s", []);

/** `Class: message` of what `run` throws. */
function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ScanTrainError) return `${error.name} ${error.message}`;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("errors when a graph is built", () => {
  test.each<readonly [string, () => unknown]>([
    ["sizes that do not broadcast", () => add(x, input("b", [4]))],
    ["columns and rows that do not agree", () => dot(x, w)],
    ["columns and rows of stacked matrices", () => matmulBatched(x, input("S", [2, 4, 5]))],
    [
      "stacks that do not broadcast",
      () => matmulBatched(input("A", [3, 2, 4]), input("S", [2, 4, 5])),
    ],
    ["a scalar in matmul", () => matmulBatched(scalar, w)],
    ["arithmetic of booleans", () => sub(input("m", [2], "bool"), input("n", [2], "bool"))],
    ["logic of floats", () => and(x, x)],
    ["an axis that is not there", () => sum(x, 2)],
    ["an axis twice", () => mean(x, [0, -2])],
    ["the greatest of nothing", () => max(input("e", [0, 2]), 0)],
    ["the place of the greatest of nothing", () => argmax(input("e", [0, 2]), 0)],
    ["a stretch of an axis that is not 1", () => broadcastTo(v, [2, 4])],
    ["a stretch to fewer axes", () => broadcastTo(w, [5])],
    ["a dropped axis", () => squeeze(w, 0)],
    ["a pattern that repeats", () => dimshuffle(w, [0, 0])],
    ["a permutation of other axes", () => transpose(w, [0])],
    ["a place for a new axis", () => expandDims(v, 3)],
    ["another number of elements", () => reshape(w, [3, 7])],
    ["two unknown sizes", () => reshape(w, [-1, -1])],
    ["an unknown size beside 0", () => reshape(w, [0, -1])],
    ["a size that is none", () => zeros([2.5])],
    ["nothing to concatenate", () => concatenate([])],
    ["ranks that differ", () => concatenate([x, v])],
    ["other axes that differ", () => concatenate([w, input("u", [4, 6])])],
    ["pieces that do not add up", () => split(w, [1, 2])],
    ["pieces that are not equal", () => split(w, 2, 1)],
    ["rows of unknown number", () => unstack(x)],
    ["too many indices", () => index(v, 0, 1)],
    ["a place outside", () => index(v, 3)],
    ["a place outside, from the end", () => index(v, -4)],
    ["an index of floats", () => index(x, v)],
    ["a mask as index", () => index(x, input("m", ["T"], "bool"))],
    ["a fraction as index", () => index(x, 0.5)],
    ["fractions as indices", () => index(x, [0.5])],
    ["two dots", () => index(x, "...", "...")],
    ["a step of 0", () => index(x, { step: 0 })],
    ["a fraction as bound", () => index(x, { start: 0.5 })],
    ["values that do not fit", () => setSubtensor(w, [0], v)],
    ["ids of floats", () => take(w, v)],
    ["ids of another rank", () => takeAlongLast(w, constant([[1]], "int32"))],
    ["a softmax of a scalar", () => softmax(scalar)],
    ["labels of another rank", () => crossEntropy(v, w)],
    ["labels of floats", () => crossEntropy(w, input("labels", [4]))],
    ["a step of a range", () => arange(0, 5, 0.5)],
    ["a bound of a range", () => arange(2.5)],
    ["a key that is none", () => uniform(v, [2])],
    ["a seed that is none", () => key(0.5)],
    ["a range of nothing", () => randint(key(1), 3, 3, [2])],
  ])("%s", (_, run) => {
    expect(errorOf(run)).toMatchSnapshot();
  });
});

describe("errors when a graph is evaluated", () => {
  function evaluateWith(
    output: Tensor,
    values: readonly (readonly [Tensor, NDArray])[],
  ): () => unknown {
    const sizes: Sizes = new Map();
    for (const [tensor, array] of values) bindSizes(tensor, array, sizes, new Map());
    return () => evaluateGraph([output], new Map(values), sizes);
  }

  test("sizes that turn out to differ, a run-time 1 too, name both tensors", () => {
    const y = input("y", ["S", 3], "float64");
    const z = input("z", ["T", 3], "float64");
    expect(
      errorOf(
        evaluateWith(add(z, y), [
          [z, real(2, 3)],
          [y, real(1, 3)],
        ]),
      ),
    ).toMatchSnapshot();
    expect(
      errorOf(
        evaluateWith(dot(transpose(z), y), [
          [z, real(2, 3)],
          [y, real(4, 3)],
        ]),
      ),
    ).toMatchSnapshot();
  });

  test("a place behind the end of an axis of unknown size", () => {
    const z = input("z", ["T"], "float64");
    expect(errorOf(evaluateWith(index(z, 2), [[z, real(2)]]))).toMatchSnapshot();
    expect(errorOf(evaluateWith(setSubtensor(z, [-3], 0), [[z, real(2)]]))).toMatchSnapshot();
  });

  test("an unknown number of elements that cannot be reshaped", () => {
    const z = input("z", ["T"], "float64");
    expect(errorOf(evaluateWith(reshape(z, [2, -1]), [[z, real(5)]]))).toMatchSnapshot();
  });

  test("an id outside its axis", () => {
    const table = input("table", [3, 2], "float64");
    expect(
      errorOf(
        evaluateWith(take(table, ids), [
          [table, real(3, 2)],
          [ids, integers([2], 3, 4)],
        ]),
      ),
    ).toMatchSnapshot();
  });
});
