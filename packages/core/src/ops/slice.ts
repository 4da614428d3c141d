/** Static slices as views, and their opposite: writing into a slice. */
import type { DType } from "../graph/dtype.ts";
import { rowMajorStrides } from "../graph/ndarray.ts";
import { IndexError } from "../errors/errors.ts";
import { applyOne, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary } from "../loop-ir/build.ts";
import {
  addIndexes,
  constantIndex,
  indexOf,
  scaleIndex,
  zeroIndex,
} from "../loop-ir/index-expr.ts";
import type { Index, IndexVar, Statement } from "../loop-ir/types.ts";
import { addSizes, constantSize, type Size, subSizes } from "../size/size.ts";
import { binaryInputs, unaryInput } from "./arity.ts";
import { stretch } from "./broadcast.ts";
import { zerosLike } from "./constant.ts";
import { defineRecord, type KernelContext, type OpRecord } from "./record.ts";
import { copyOf, readStrided, walkStrided } from "./reference/strided.ts";
import { toExactShape } from "./reshape.ts";
import {
  describeSource,
  describeTyped,
  knownNonNegative,
  normalizeAxis,
  sameShape,
  sizeAt,
  toShape,
  type Dimension,
} from "./shape.ts";

/** Along one axis: the elements start, start + step, ... , `length` of them; all lie inside the axis. */
export interface AxisSlice {
  readonly start: Size;
  readonly step: number;
  readonly length: Size;
  /** The least size of the axis for which that is so, where it must be checked. */
  readonly atLeast?: Size;
}

/** The params of slices and of updates of slices. */
export interface SliceParams {
  /** One per axis. */
  readonly axes: readonly AxisSlice[];
}

const zero = constantSize(0);

/** The whole of an axis. */
export function wholeAxis(size: Size): AxisSlice {
  return { start: zero, step: 1, length: size };
}

/** Where element `index` of the slice lies in what was sliced. */
function sourceIndex(axes: readonly AxisSlice[], index: readonly Index[]): Index[] {
  return axes.map(({ start, step }, axis) =>
    addIndexes(scaleIndex(index[axis] ?? zeroIndex, step), constantIndex(start)),
  );
}

/** Offset and strides that read the slice from an array of `shape`. */
function stridesOf(
  shape: readonly number[],
  axes: readonly AxisSlice[],
  size: (s: Size) => number,
): { offset: number; strides: number[] } {
  const strides = rowMajorStrides(shape);
  const offset = axes.reduce((sum, { start }, axis) => sum + size(start) * (strides[axis] ?? 0), 0);
  return { offset, strides: strides.map((stride, axis) => stride * (axes[axis]?.step ?? 1)) };
}

function batched(axes: readonly AxisSlice[], length: Size): AxisSlice[] {
  return [wholeAxis(length), ...axes];
}

/** The check that an axis has at least `least` elements, unless that is known. @throws IndexError INDEX_RANGE */
function inside(x: Tensor, axis: number, least: Size): SizeCheck[] {
  const size = sizeAt(x, axis);
  const spare = subSizes(size, least);
  if (knownNonNegative(spare)) return [];
  const message = `axis ${axis} of ${describeSource(x)} (${size.toString()}) needs at least ${least.toString()} elements to be indexed so`;
  if (spare.constant !== undefined)
    throw new IndexError("INDEX_RANGE", message, { notes: [describeTyped(x)] });
  return [{ x: size, relation: "atLeast", y: least, message }];
}

export const sliceOp: OpRecord<SliceParams> = defineRecord<SliceParams>({
  name: "slice",
  infer(inputs, { axes }) {
    const x = unaryInput(inputs);
    const checks = axes.flatMap((a, axis) =>
      a.atLeast === undefined ? [] : inside(x, axis, a.atLeast),
    );
    return { types: [{ dtype: x.dtype, shape: axes.map((a) => a.length) }], checks };
  },
  reference(inputs, { axes }, context) {
    const x = unaryInput(inputs);
    const { offset, strides } = stridesOf(x.shape, axes, context.size);
    return [
      readStrided(
        x,
        axes.map((a) => context.size(a.length)),
        strides,
        offset,
      ),
    ];
  },
  vjp: (_context, { inputs, params }, [cotangent]) => [
    cotangent === undefined
      ? undefined
      : applyOne(sliceAddOp, [zerosLike(unaryInput(inputs)), cotangent], params),
  ],
  jvp: (_context, { params }, [tangent]) => [
    tangent === undefined ? undefined : applyOne(sliceOp, [tangent], params),
  ],
  batch: ({ params }, inputs, _batched, length) => [
    applyOne(sliceOp, [unaryInput(inputs)], { axes: batched(params.axes, length) }),
  ],
  lowering: { kind: "view", view: ({ params }, index) => sourceIndex(params.axes, index) },
  cost: "view",
});

interface LoopOptions {
  /** Default: true. */
  readonly parallel?: boolean;
  readonly prefix?: string;
}

/** Nested loops over the elements of `shape`, the last axis innermost. */
export function loopOver<P>(
  context: KernelContext<P>,
  shape: readonly Size[],
  body: (index: readonly Index[]) => readonly Statement[],
  { parallel = true, prefix = "i" }: LoopOptions = {},
): readonly Statement[] {
  const nest = (axis: number, outer: readonly IndexVar[]): readonly Statement[] => {
    const size = shape[axis];
    if (size === undefined) return body(outer.map((v) => indexOf(v)));
    return [context.loop(`${prefix}${axis}`, size, parallel, (v) => nest(axis + 1, [...outer, v]))];
  };
  return nest(0, []);
}

function sliceUpdate(name: string, mode: "add" | "set"): OpRecord<SliceParams> {
  const record: OpRecord<SliceParams> = defineRecord<SliceParams>({
    name,
    infer(inputs, { axes }) {
      const [base, values] = binaryInputs(inputs);
      const checks = axes.flatMap(({ length, atLeast }, axis): SizeCheck[] => {
        const size = sizeAt(values, axis);
        const message = `${name}: axis ${axis} of the values must have the size of the slice`;
        return [
          ...(atLeast === undefined ? [] : inside(base, axis, atLeast)),
          ...(size.equals(length)
            ? []
            : [{ x: size, relation: "equal" as const, y: length, message }]),
        ];
      });
      return { types: [base.type], checks };
    },
    reference(inputs, { axes }, context) {
      const [base, values] = binaryInputs(inputs);
      const result = copyOf(base);
      const { offset, strides } = stridesOf(base.shape, axes, context.size);
      walkStrided(values.shape, [strides], (flat, [at = 0]) => {
        const value = values.data[flat] ?? 0;
        result.data[offset + at] = mode === "set" ? value : (result.data[offset + at] ?? 0) + value;
      });
      return [result];
    },
    vjp(_context, { inputs, params }, [cotangent], wanted) {
      if (cotangent === undefined) return [];
      const [, values] = binaryInputs(inputs);
      const cleared = (): Tensor => applyOne(sliceSetOp, [cotangent, zerosLike(values)], params);
      return [
        wanted[0] !== true ? undefined : mode === "add" ? cotangent : cleared(),
        wanted[1] !== true
          ? undefined
          : toExactShape(applyOne(sliceOp, [cotangent], params), values.shape),
      ];
    },
    jvp(_context, { inputs, params }, [base, values]) {
      const [x, y] = binaryInputs(inputs);
      return [applyOne(record, [base ?? zerosLike(x), values ?? zerosLike(y)], params)];
    },
    batch({ params }, inputs, isBatched, length) {
      const all = inputs.map((x, i) =>
        isBatched[i] === true ? x : stretch(x, [length, ...x.shape]),
      );
      return [applyOne(record, all, { axes: batched(params.axes, length) })];
    },
    lowering: {
      kind: "update",
      update(context) {
        const { axes } = context.apply.params;
        return loopOver(
          context,
          axes.map((a) => a.length),
          (index) => {
            const target = sourceIndex(axes, index);
            const value = context.read(1, index);
            return [
              context.write(
                0,
                target,
                mode === "set" ? value : binary("add", context.readOutput(0, target), value),
              ),
            ];
          },
        );
      },
    },
    cost: "cheap",
  });
  return record;
}

/** Input 0 with input 1 written into a slice of it. */
export const sliceSetOp = sliceUpdate("setSlice", "set");
/** Input 0 with input 1 added to a slice of it. */
export const sliceAddOp = sliceUpdate("addToSlice", "add");

/** One `AxisSlice` per axis; `x` itself when they cover it. */
export function sliceAxes(x: Tensor, axes: readonly AxisSlice[]): Tensor {
  const whole =
    axes.every(({ start, step }) => start.constant === 0 && step === 1) &&
    sameShape(
      axes.map((a) => a.length),
      x.shape,
    );
  return whole ? x : applyOne(sliceOp, [x], { axes });
}

/** Elements start .. start + length - 1 of one axis, which must contain them. */
export function sliceAxis<D extends DType>(
  x: Tensor<D>,
  axis: number,
  start: Dimension,
  length: Dimension,
): Tensor<D>;
export function sliceAxis(x: Tensor, axis: number, start: Dimension, length: Dimension): Tensor {
  const place = normalizeAxis("slice", axis, x);
  const [begin = zero, size = zero] = toShape("slice", [start, length]);
  return sliceAxes(
    x,
    x.shape.map((whole, k) =>
      k === place
        ? { start: begin, step: 1, length: size, atLeast: addSizes(begin, size) }
        : wholeAxis(whole),
    ),
  );
}

/** `x` in reverse order along `axis`. */
export function reverse<D extends DType>(x: Tensor<D>, axis?: number): Tensor<D>;
export function reverse(x: Tensor, axis = 0): Tensor {
  const place = normalizeAxis("reverse", axis, x);
  return sliceAxes(
    x,
    x.shape.map((size, k) =>
      k === place ? { start: subSizes(size, 1), step: -1, length: size } : wholeAxis(size),
    ),
  );
}
