/**
 * Random numbers from keys and counters: element i of a draw depends on the key and on i alone, so the order of computing,
 * the backend and the number of workers cannot change it. A key is int32 [2]; use one once, and make more by `split` or `foldIn`.
 */
import { ArgumentError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { elementCount, generate } from "../graph/ndarray.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary, convert, literal, positionOf, unary } from "../loop-ir/build.ts";
import { addIndexes, scaleIndex } from "../loop-ir/index-expr.ts";
import { scalarFunction } from "../loop-ir/scalar-function.ts";
import type { Expr, Index, ScalarType } from "../loop-ir/types.ts";
import { mulSizes, type Size } from "../size/size.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { unaryInput } from "./arity.ts";
import { lt } from "./compare.ts";
import { binary as elementwiseBinary } from "./constructors.ts";
import { noGradient } from "./elementwise.ts";
import { toInteger, type Operand } from "./operand.ts";
import { philoxExpr, type WordExprs } from "./philox.ts";
import { defineRecord, scalarTypeOf, type OpRecord } from "./record.ts";
import { domains, keyWords, requireKey } from "./random-key.ts";
import { boxMuller, highWord, philox, type Words } from "./reference/philox.ts";
import { toShape, type Dimension } from "./shape.ts";

interface DrawParams {
  readonly shape: readonly Size[];
  readonly dtype: DType;
}

interface Distribution {
  readonly reference: (words: Words, dtype: DType) => number;
  readonly value: (words: WordExprs, type: ScalarType) => Expr;
}

/** The number of an element in row-major order. */
function flatIndex(shape: readonly Size[], index: readonly Index[]): Index {
  return addIndexes(...index.map((i, axis) => scaleIndex(i, mulSizes(...shape.slice(axis + 1)))));
}

/** A record that draws from a key [..., 2] numbers of [..., ...shape]. */
function draw(name: string, { reference, value }: Distribution): OpRecord<DrawParams> {
  const record: OpRecord<DrawParams> = defineRecord<DrawParams>({
    name,
    infer: (inputs, { shape, dtype }) => ({
      types: [{ dtype, shape: [...unaryInput(inputs).shape.slice(0, -1), ...shape] }],
    }),
    reference(inputs, { shape, dtype }, context) {
      const keys = unaryInput(inputs);
      const sizes = shape.map(context.size);
      const each = elementCount(sizes);
      return [
        generate(dtype, [...keys.shape.slice(0, -1), ...sizes], (i) => {
          const row = 2 * Math.floor(i / each);
          return reference(
            philox([i % each, 0, 0, domains.draw], [keys.data[row] ?? 0, keys.data[row + 1] ?? 0]),
            dtype,
          );
        }),
      ];
    },
    vjp: () => [undefined],
    jvp: () => [undefined],
    batch: ({ params }, inputs) => [applyOne(record, inputs, params)],
    lowering: {
      kind: "element",
      element({ apply, index, read }) {
        const lead = unaryInput(apply.inputs).rank - 1;
        const key = keyWords((at) => read(0, at), index.slice(0, lead));
        const zero = literal("i32", 0);
        const counter = positionOf(flatIndex(apply.params.shape, index.slice(lead)));
        return value(
          philoxExpr([counter, zero, zero, literal("i32", domains.draw)], key),
          scalarTypeOf[apply.params.dtype],
        );
      },
    },
    cost: "transcendental",
  });
  return record;
}

const shiftRight = (x: Expr, by: number): Expr => binary("shiftRight", x, literal("i32", by));

/** A multiple of 2^-24 or 2^-53 in [0, 1) from one word or two; `offset` 1 makes it (0, 1]. */
function unitExpr(type: ScalarType, high: Expr, low: Expr, offset: number): Expr {
  const scaled = (x: Expr, factor: number): Expr => binary("mul", x, literal(type, factor));
  const raised = (x: Expr): Expr => (offset === 0 ? x : binary("add", x, literal(type, offset)));
  if (type === "f32") return scaled(raised(convert(type, shiftRight(high, 8))), 1 / 0x1000000);
  const wide = binary(
    "add",
    scaled(convert(type, shiftRight(high, 5)), 0x4000000),
    convert(type, shiftRight(low, 6)),
  );
  return scaled(raised(wide), 1 / 0x20000000000000);
}

function unitNumber(dtype: DType, high: number, low: number, offset: number): number {
  if (dtype === "float32") return ((high >>> 8) + offset) / 0x1000000;
  return ((high >>> 5) * 0x4000000 + (low >>> 6) + offset) / 0x20000000000000;
}

export const randomBitsOp = draw("randomBits", { reference: ([w]) => w, value: ([w]) => w });

export const uniformOp = draw("uniform", {
  reference: ([w0, w1], dtype) => unitNumber(dtype, w0, w1, 0),
  value: ([w0, w1], type) => unitExpr(type, w0, w1, 0),
});

/** float32 uses the words 0 and 1, float64 all four. */
export const normalOp = draw("normal", {
  reference(w, dtype) {
    const single = dtype === "float32";
    return boxMuller(
      unitNumber(dtype, w[0], w[1], 1),
      unitNumber(dtype, single ? w[1] : w[2], w[3], 0),
    );
  },
  value(w, type) {
    const u = unitExpr(type, w[0], w[1], 1);
    const v = unitExpr(type, type === "f32" ? w[1] : w[2], w[3], 0);
    const radius = unary("sqrt", binary("mul", unary("log", u), literal(type, -2)));
    return binary("mul", radius, unary("cos", binary("mul", v, literal(type, 2 * Math.PI))));
  },
});

/** -log(-log u) of a uniform u, by the logarithm of kernels in its definition too, so that a choice by it is the same however computed. */
export const gumbelOp = draw("gumbel", {
  reference([w0, w1], dtype) {
    const log = scalarFunction("log", dtype === "float32" ? "f32" : "f64");
    return -log(-log(unitNumber(dtype, w0, w1, 0)));
  },
  value([w0, w1], type) {
    const minusLog = (x: Expr): Expr => unary("neg", unary("log", x));
    return minusLog(minusLog(unitExpr(type, w0, w1, 0)));
  },
});

/** int32 words, all bits random. @throws DTypeError RANDOM_KEY */
export function randomBits(key: Tensor, shape: readonly Dimension[]): Tensor<"int32"> {
  return drawn(randomBitsOp, key, shape, "int32") as Tensor<"int32">;
}

function drawn(
  op: OpRecord<DrawParams>,
  key: Tensor,
  shape: readonly Dimension[],
  dtype: DType,
): Tensor {
  return applyOne(op, [requireKey(op.name, key)], { shape: toShape(op.name, shape), dtype });
}

/** Numbers of the standard Gumbel distribution; -Infinity where u is 0. @throws DTypeError RANDOM_KEY */
export function gumbel(
  key: Tensor,
  shape: readonly Dimension[],
  dtype: "float32" | "float64",
): Tensor {
  return drawn(gumbelOp, key, shape, dtype);
}

export interface UniformOptions<D extends DType = DType> {
  readonly low?: Operand;
  readonly high?: Operand;
  readonly dtype?: D;
}

/** Numbers spread evenly in [low, high), by default [0, 1): multiples of 2^-24 (float32) or 2^-53. @throws DTypeError RANDOM_KEY */
export function uniform<D extends "float32" | "float64" = "float32">(
  key: Tensor,
  shape: readonly Dimension[],
  options?: UniformOptions<D>,
): Tensor<D>;
export function uniform(
  key: Tensor,
  shape: readonly Dimension[],
  { low = 0, high = 1, dtype = "float32" }: UniformOptions = {},
): Tensor {
  const unit = drawn(uniformOp, key, shape, dtype);
  if (low === 0 && high === 1) return unit;
  const span = typeof low === "number" && typeof high === "number" ? high - low : sub(high, low);
  return add(mul(unit, span), low);
}

export interface NormalOptions<D extends DType = DType> {
  readonly mean?: Operand;
  readonly deviation?: Operand;
  readonly dtype?: D;
}

/** Normally distributed numbers, by default of mean 0 and standard deviation 1. @throws DTypeError RANDOM_KEY */
export function normal<D extends "float32" | "float64" = "float32">(
  key: Tensor,
  shape: readonly Dimension[],
  options?: NormalOptions<D>,
): Tensor<D>;
export function normal(
  key: Tensor,
  shape: readonly Dimension[],
  { mean = 0, deviation = 1, dtype = "float32" }: NormalOptions = {},
): Tensor {
  const standard = drawn(normalOp, key, shape, dtype);
  const scaled = deviation === 1 ? standard : mul(standard, deviation);
  return mean === 0 ? scaled : add(scaled, mean);
}

/** True with probability `p`. @throws DTypeError RANDOM_KEY */
export function bernoulli(key: Tensor, p: Operand, shape: readonly Dimension[]): Tensor<"bool"> {
  return lt(uniform(key, shape), p);
}

/** The high word of the product of two words without sign: scales random bits to a range. */
const mulHigh = elementwiseBinary(
  "mulHigh",
  {
    reference: highWord,
    scalar: (x, y) => binary("mulHigh", x, y),
    partials: noGradient,
  },
  "noFloat",
);

/**
 * Integers from `low` up to but without `high`, evenly spread.
 * @throws ArgumentError RANDINT_RANGE when there are none; DTypeError RANDOM_KEY, NOT_INTEGER
 */
export function randint(
  key: Tensor,
  low: Operand,
  high: Operand,
  shape: readonly Dimension[],
): Tensor<"int32"> {
  if (typeof low === "number" && typeof high === "number" && !(low < high))
    throw new ArgumentError(
      "RANDINT_RANGE",
      `randint: no integer is at least ${low} and below ${high}`,
    );
  const [first, end] = [toInteger("randint", low), toInteger("randint", high)];
  return add(mulHigh(randomBits(key, shape), sub(end, first)), first) as Tensor<"int32">;
}
