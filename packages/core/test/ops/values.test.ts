import { describe, expect, test } from "vitest";
import { gradients } from "../../src/autodiff/grad.ts";
import type { DType } from "../../src/graph/dtype.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { generate, type Nested } from "../../src/graph/ndarray.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { toposort } from "../../src/graph/walk.ts";
import { arange } from "../../src/ops/arange.ts";
import { argmax } from "../../src/ops/argmax.ts";
import {
  abs,
  add,
  clip,
  div,
  floorDiv,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  round,
  sub,
} from "../../src/ops/arithmetic.ts";
import { all, any, max, mean, min, prod } from "../../src/ops/axes.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { cast } from "../../src/ops/cast.ts";
import { gt, isNaN, lt } from "../../src/ops/compare.ts";
import { constant } from "../../src/ops/constant.ts";
import { dot } from "../../src/ops/dot.ts";
import { not, where } from "../../src/ops/logic.ts";
import { binaryCrossEntropyWithLogits, crossEntropy } from "../../src/ops/losses.ts";
import { matmul, matmulAdd } from "../../src/ops/matmul.ts";
import { pow } from "../../src/ops/pow.ts";
import { foldIn, key, split } from "../../src/ops/random-key.ts";
import { bernoulli, normal, randint, uniform } from "../../src/ops/random.ts";
import { philox } from "../../src/ops/reference/philox.ts";
import { reshape } from "../../src/ops/reshape.ts";
import { logSoftmax, softmax } from "../../src/ops/softmax.ts";
import { stopGradient } from "../../src/ops/gradient-walls.ts";
import { index, setSubtensor, incSubtensor } from "../../src/ops/subtensor.ts";
import { elu, log, relu, sigmoid, sinh, softplus } from "../../src/ops/transcendental.ts";
import { at, context } from "./check-op.ts";

const arrayOf = (t: Tensor) => at(evaluateGraph([t], new Map(), new Map()), 0);
const valueOf = (t: Tensor): Nested => arrayOf(t).toArray();
const numbers = (value: Nested, dtype: DType = "float64"): Tensor => constant<DType>(value, dtype);
const slope = (f: (x: Tensor) => Tensor, x: Tensor): Tensor =>
  at(gradients(context, sum(f(x)), constant<DType>(1, x.dtype), [x]), 0);
const slopeAt = (f: (x: Tensor) => Tensor, x: Nested): Nested => valueOf(slope(f, numbers(x)));

describe("gradients at kinks are Theano's", () => {
  const [x, y] = [numbers([1, 2, 3]), numbers([2, 2, 2])];
  const rows = [
    [1, 3, 3],
    [0, -1, 0],
  ];

  test("maximum and minimum give a tie to the first argument", () => {
    expect(slopeAt((a) => maximum(a, y), [1, 2, 3])).toEqual([0, 1, 1]);
    expect(slopeAt((b) => maximum(x, b), [2, 2, 2])).toEqual([1, 0, 0]);
    expect(slopeAt((a) => minimum(a, y), [1, 2, 3])).toEqual([1, 1, 0]);
  });

  test("max and min over an axis give every tied entry the full gradient", () => {
    expect(slopeAt((a) => max(a, 1), rows)).toEqual([
      [0, 1, 1],
      [1, 0, 1],
    ]);
    expect(slopeAt((a) => max(a), rows)).toEqual([
      [0, 1, 1],
      [0, 0, 0],
    ]);
    expect(slopeAt((a) => min(a, 0), rows)).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
  });

  test("clip passes the gradient at both bounds, abs and relu halve at 0", () => {
    expect(slopeAt((a) => clip(a, 1, 2), [0.5, 1, 1.5, 2, 3])).toEqual([0, 1, 1, 1, 0]);
    expect(slopeAt(abs, [-2, 0, 2])).toEqual([-1, 0, 1]);
    expect(slopeAt(relu, [-2, 0, 2])).toEqual([0, 0.5, 1]);
  });

  test("where selects cotangents: what is not chosen may be NaN", () => {
    expect(slopeAt((a) => where(gt(a, 0), log(a), 0), [2, 1])).toEqual([0.5, 1]);
    expect(slopeAt((a) => where(lt(a, 0), a, constant(Number.NaN, "float64")), [-1])).toEqual([1]);
    expect(slopeAt((a) => elu(a), [1000, 0])).toEqual([1, 1]);
  });

  test("stopGradient passes values and no gradient", () => {
    expect(slopeAt((a) => mul(a, stopGradient(a)), [3])).toEqual([3]);
  });

  test("the second derivative of binary cross-entropy is right at 0, where its parts have kinks", () => {
    const second = slope((z) => slope((a) => binaryCrossEntropyWithLogits(a, 1), z), numbers([0]));
    expect(valueOf(second)).toEqual([0.25]);
  });
});

describe("functions stay finite where their formula overflows", () => {
  test("softplus, sigmoid, softmax and its logarithm", () => {
    expect(valueOf(softplus(numbers([-1000, 1000])))).toEqual([0, 1000]);
    expect(valueOf(sigmoid(numbers([-1000, 1000])))).toEqual([0, 1]);
    expect(valueOf(softmax(numbers([1000, 1000])))).toEqual([0.5, 0.5]);
    expect(valueOf(logSoftmax(numbers([0, -2000])))).toEqual([0, -2000]);
    expect(valueOf(crossEntropy(numbers([0, -2000]), numbers(1, "int32")))).toBe(2000);
  });
});

describe("integers and dtypes", () => {
  test("divide as Python does; by zero they give 0", () => {
    const [x, y] = [numbers([7, -7, 7, -7, 5], "int32"), numbers([2, 2, -2, -2, 0], "int32")];
    expect(valueOf(floorDiv(x, y))).toEqual([3, -4, -4, 3, 0]);
    expect(valueOf(mod(x, y))).toEqual([1, 1, -1, -1, 0]);
    expect(valueOf(mod(numbers([-0.5, 5.5]), 2))).toEqual([1.5, 1.5]);
  });

  test("wrap, saturate and round half to even", () => {
    expect(valueOf(add(numbers(2147483647, "int32"), 1))).toBe(-2147483648);
    expect(valueOf(cast(numbers([1e10, -1e10, Number.NaN, -1.9]), "int32"))).toEqual([
      2147483647, -2147483648, 0, -1,
    ]);
    expect(valueOf(round(numbers([0.5, 1.5, 2.5, -0.5])))).toEqual([0, 2, 2, -0]);
  });

  test("meet in the higher dtype; numbers never change a floating one", () => {
    const of = (dtype: DType): Tensor => numbers([1], dtype);
    expect(add(of("int32"), of("float32")).dtype).toBe("float32");
    expect(add(of("float32"), of("float64")).dtype).toBe("float64");
    expect(add(of("bool"), of("bool")).dtype).toBe("bool");
    expect(add(of("float32"), 0.1).dtype).toBe("float32");
    expect(add(of("int32"), 1).dtype).toBe("int32");
    expect(add(of("int32"), 0.5).dtype).toBe("float32");
    expect(add(of("bool"), 2).dtype).toBe("int32");
    expect(div(of("int32"), of("int32")).dtype).toBe("float32");
    expect(mean(of("int32")).dtype).toBe("float32");
    expect(sum(of("bool")).dtype).toBe("int32");
    expect(pow(of("int32"), 3).dtype).toBe("int32");
    expect(valueOf(pow(numbers(2, "int32"), 10))).toBe(1024);
  });

  test("bool: add is or, mul is and, not flips; int32: not flips bits", () => {
    const [x, y] = [numbers([true, true, false], "bool"), numbers([true, false, false], "bool")];
    expect(valueOf(add(x, y))).toEqual([true, true, false]);
    expect(valueOf(mul(x, y))).toEqual([true, false, false]);
    expect(valueOf(not(x))).toEqual([false, false, true]);
    expect(valueOf(not(numbers([0, 5], "int32")))).toEqual([-1, -6]);
    expect(valueOf(any(x))).toBe(true);
    expect(valueOf(all(x))).toBe(false);
    expect(valueOf(isNaN(numbers([Number.NaN, 1])))).toEqual([true, false]);
  });

  test("argmax of all keeps every axis, as NumPy's does", () => {
    const m = numbers([
      [1, 5, 2],
      [0, 3, 4],
    ]);
    expect(valueOf(argmax(m, undefined, { keepdims: true }))).toEqual([[1]]);
  });
  test("argmax gives the first winner, NaN before all", () => {
    expect(
      valueOf(
        argmax(
          numbers([
            [1, 3, 3],
            [1, Number.NaN, Number.NaN],
          ]),
          1,
        ),
      ),
    ).toEqual([1, 1]);
  });
});

describe("products", () => {
  test("x to the 16th is four squarings", () => {
    const x = numbers(2);
    expect(toposort([pow(x, 16)]).map((apply) => apply.op.name)).toEqual([
      "sqr",
      "sqr",
      "sqr",
      "sqr",
    ]);
    expect(toposort([pow(x, 5)])).toHaveLength(3);
    expect(valueOf(pow(x, -2))).toBe(0.25);
  });

  test("prod has its gradient where entries are 0", () => {
    expect(slopeAt((x) => prod(x), [2, 0, 5])).toEqual([0, 10, 0]);
    expect(slopeAt((x) => prod(x), [0, 0, 5])).toEqual([0, 0, 0]);
  });

  test("dot of two tensors of three axes is NumPy's", () => {
    const [x, y] = [reshape(arange(12), [2, 2, 3]), reshape(arange(12), [2, 3, 2])];
    const product = dot(x, y);
    expect(product.shape.map(String)).toEqual(["2", "2", "2", "2"]);
    expect(valueOf(index(product, 1, 0))).toEqual([
      [46, 67],
      [172, 193],
    ]);
  });

  test("float32 products add blocks of 256 along k, each from +0, in order; an addend comes first", () => {
    const k = 600;
    const [a, b] = [1, 2].map((seed) =>
      generate("float32", seed === 1 ? [1, k] : [k, 1], (i) => Math.fround(1 / (i + seed))),
    );
    if (a === undefined || b === undefined) throw new Error("no operands");
    const block = (from: number): number => {
      let total = 0;
      for (let i = from; i < Math.min(k, from + 256); i++)
        total = Math.fround(total + Math.fround((a.data[i] ?? 0) * (b.data[i] ?? 0)));
      return total;
    };
    const fold = (first: number): number =>
      [0, 256, 512].reduce((total, from) => Math.fround(total + block(from)), first);
    expect(valueOf(matmul(constant(a), constant(b)))).toEqual([[fold(0)]]);
    expect(valueOf(matmulAdd(constant(a), constant(b), numbers([[3]], "float32")))).toEqual([
      [fold(3)],
    ]);
  });
});

describe("indexing is NumPy's", () => {
  const x = reshape(arange(24), [2, 3, 4]);
  const shapeOf = (t: Tensor): string => t.shape.join(" ");

  test("places, slices, new axes and dots", () => {
    expect(valueOf(index(x, 1, -1, 2))).toBe(22);
    expect(valueOf(index(x, "...", 0))).toEqual([
      [0, 4, 8],
      [12, 16, 20],
    ]);
    expect(shapeOf(index(x, null, { stop: 1 }, "...", null))).toBe("1 1 3 4 1");
    expect(valueOf(index(arange(7), { start: -2, step: -2 }))).toEqual([5, 3, 1]);
    expect(valueOf(index(arange(7), { start: 5, stop: 1, step: -3 }))).toEqual([5, 2]);
    expect(valueOf(index(arange(3), { start: 5 }))).toEqual([]);
    expect(valueOf(index(arange(3), { start: -9, stop: -1 }))).toEqual([0, 1]);
    expect(valueOf(index(arange(3), { stop: -9, step: -1 }))).toEqual([2, 1, 0]);
  });

  test("integer arrays that are apart put their axes first", () => {
    const ids = numbers([0, 2, 1, 3, 0], "int32");
    expect(shapeOf(index(x, 1, {}, ids))).toBe("5 3");
    expect(shapeOf(index(x, {}, {}, ids))).toBe("2 3 5");
    expect(shapeOf(index(x, {}, 1, ids))).toBe("2 5");
    expect(shapeOf(index(x, numbers([0, 1, 1, 0, 1], "int32"), {}, ids))).toBe("5 3");
    expect(valueOf(index(x, [0, 1], [2, 0], [3, 1]))).toEqual([11, 13]);
    expect(valueOf(index(x, numbers([[0], [1]], "int32"), [0, 1], 0))).toEqual([
      [0, 4],
      [12, 16],
    ]);
  });

  test("of duplicates setSubtensor keeps the last, incSubtensor adds all", () => {
    const zeros = numbers([0, 0, 0]);
    expect(valueOf(setSubtensor(zeros, [[1, 2, 1]], numbers([5, 6, 7])))).toEqual([0, 7, 6]);
    expect(valueOf(incSubtensor(zeros, [[1, 2, 1]], numbers([5, 6, 7])))).toEqual([0, 12, 6]);
    expect(slopeAt((v) => setSubtensor(zeros, [[1, 2, 1]], v), [5, 6, 7])).toEqual([0, 1, 1]);
  });
});

describe("random numbers", () => {
  test("Philox gives the words of its authors' test vectors", () => {
    const hex = (words: readonly number[]): string =>
      words.map((w) => (w >>> 0).toString(16).padStart(8, "0")).join(" ");
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    expect(hex(philox([-1, -1, -1, -1], [-1, -1]))).toBe("408f276d 41c83b0e a20bc7c6 6d5451fd");
    expect(
      hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])),
    ).toBe("d16cfe09 94fdcceb 5001e420 24126ea1");
  });

  test("draws have their mean and spread and stay in range", () => {
    const n = 4000;
    const moments = (t: Tensor): [number, number] => {
      const m = arrayOf(mean(t)).item();
      return [m, arrayOf(mean(mul(sub(t, m), sub(t, m)))).item()];
    };
    const [u, z] = [uniform(key(1), [n]), normal(key(2), [n])];
    expect(moments(u)[0]).toBeCloseTo(0.5, 1);
    expect(moments(u)[1]).toBeCloseTo(1 / 12, 1);
    expect(moments(z)[0]).toBeCloseTo(0, 1);
    expect(moments(z)[1]).toBeCloseTo(1, 1);
    expect(arrayOf(mean(bernoulli(key(3), 0.25, [n]))).item()).toBeCloseTo(0.25, 1);
    const dice = randint(key(4), -1, 2, [n]);
    expect([valueOf(min(dice)), valueOf(max(dice))]).toEqual([-1, 1]);
    expect(arrayOf(max(u)).item()).toBeLessThan(1);
  });

  test("keys differ by seed, by split and by what is folded in", () => {
    const keys = [
      key(1),
      key(2),
      key(2 ** 40),
      key(-1),
      foldIn(key(1), 0),
      foldIn(key(1), 1),
      index(split(key(1), 2), 0),
      index(split(key(1), 2), 1),
    ];
    expect(new Set(keys.map((k) => arrayOf(k).toString())).size).toBe(keys.length);
    expect(valueOf(uniform(split(key(1), 2), [3]))).toEqual(
      [0, 1].map((i) => valueOf(uniform(index(split(key(1), 2), i), [3]))),
    );
    expect(valueOf(neg(uniform(key(5), [2])))).toEqual(valueOf(neg(uniform(key(5), [2]))));
  });
});

test("sinh keeps its digits on both sides of 0, and its slope everywhere", () => {
  for (const x of [-700, -30, -9, -1e-9, 0, 1e-9, 9, 30, 700]) {
    expect(Math.abs(Number(valueOf(sinh(numbers(x)))) - Math.sinh(x))).toBeLessThanOrEqual(
      1e-14 * Math.abs(Math.sinh(x)),
    );
    expect(Math.abs(Number(slopeAt(sinh, x)) - Math.cosh(x))).toBeLessThanOrEqual(
      1e-14 * Math.cosh(x),
    );
  }
});

test("pow is IEEE 754's, not JavaScript's", () => {
  const power = (x: number[], y: number[]): Nested => valueOf(pow(numbers(x), numbers(y)));
  expect(power([1, 1, -1, -1, -1, 0], [NaN, Infinity, Infinity, -Infinity, NaN, 0])).toEqual([
    1,
    1,
    1,
    1,
    NaN,
    1,
  ]);
});
