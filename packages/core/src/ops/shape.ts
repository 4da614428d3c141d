/** Questions about static shapes that many ops ask: axes, equality of sizes, broadcasting. */
import { ArgumentError, IndexError, ShapeError } from "../errors/errors.ts";
import { ownerOf, type Apply, type SizeCheck } from "../graph/op.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import {
  constantSize,
  maxSizes,
  mulSizes,
  type Size,
  type SizeAtom,
  toSize,
} from "../size/size.ts";
import { castOp } from "./cast.ts";
import { recordOf } from "./record.ts";

/** A size that users write: a number or a symbolic size. */
export type Dimension = number | Size;

const one = constantSize(1);

/** @throws ArgumentError SIZE on a number that is no size. */
export function toShape(op: string, shape: readonly Dimension[]): Size[] {
  for (const size of shape)
    if (typeof size === "number" && (!Number.isSafeInteger(size) || size < 0))
      throw new ArgumentError("SIZE", `${op}: ${size} is not the size of an axis`, {
        hint: "sizes are integers >= 0, or sizes of tensors such as x.size(0)",
      });
  return shape.map(toSize);
}

/** True when the two shapes are provably equal. */
export function sameShape(x: readonly Size[], y: readonly Size[]): boolean {
  return x.length === y.length && x.every((size, axis) => size.key === y[axis]?.key);
}

/** The number of elements. */
export function shapeSize(shape: readonly Size[]): Size {
  return mulSizes(...shape);
}

/** The size of an axis that exists. */
export function sizeAt(tensor: Tensor, axis: number): Size {
  return tensor.shape.at(axis) ?? one;
}

/** True when the size is the constant 1, so that the axis broadcasts. */
export function isOne(size: Size | undefined): boolean {
  return size?.constant === 1;
}

/** What the user calls it, seen through views and casts that ops put before their operands. */
export function describeSource(tensor: Tensor): string {
  const source = sourceOf(tensor);
  const apply = ownerOf(source);
  const { spoken } = apply?.op ?? {};
  const operands = (apply?.inputs ?? []).map((input) => sourceOf(input).name);
  if (source.name !== undefined || spoken === undefined || operands.every((x) => x === undefined))
    return describe(source);
  const named = operands.map((name) => (name === undefined ? "..." : `"${name}"`));
  return `result of ${spoken}(${named.join(", ")}) (${source.site.toString()})`;
}

function sourceOf(tensor: Tensor): Tensor {
  let source = tensor;
  for (
    let apply = ownerOf(source);
    source.name === undefined && apply !== undefined;
    apply = ownerOf(source)
  ) {
    const [first] = apply.inputs;
    if (first === undefined || !(apply.op === castOp || isView(apply))) break;
    source = first;
  }
  return source;
}

function isView(apply: Apply): boolean {
  const { kind } = recordOf(apply).lowering;
  return kind === "view" || kind === "reshape";
}

/** `"x" f32[T, 3]`. */
export function describeTyped(tensor: Tensor): string {
  return `${describeSource(tensor)} ${printType(tensor.type)}`;
}

/**
 * The axis counted from the front.
 * @throws IndexError AXIS when there is no such axis.
 */
export function normalizeAxis(
  op: string,
  axis: number,
  tensor: Tensor,
  rank = tensor.rank,
): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new IndexError("AXIS", `${op}: ${describeTyped(tensor)} has no axis ${axis}`, {
    hint: rank === 0 ? "a scalar has no axes" : `axes go from ${-rank} to ${rank - 1}`,
  });
}

/** Several axes, counted from the front, ascending; all of them when `axes` is undefined. @throws IndexError AXIS; ArgumentError AXIS_TWICE. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  tensor: Tensor,
): number[] {
  const given: unknown = tensor;
  if (!(given instanceof Tensor))
    throw new ArgumentError("OPERAND", `${op}: argument 1 is not a tensor`, {
      hint: "of a scan, take a tensor of its .outputs or .final",
    });
  if (axes !== undefined && typeof axes !== "number" && !Array.isArray(axes))
    throw new ArgumentError("AXES", `${op}: the axes are neither a number nor a list of numbers`, {
      hint: `${op}(x, 0), ${op}(x, [0, 1]), ${op}(x, 0, { keepdims: true })`,
    });
  if (axes === undefined) return tensor.shape.map((_, axis) => axis);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) =>
    normalizeAxis(op, axis, tensor),
  );
  if (new Set(list).size < list.length)
    throw new ArgumentError(
      "AXIS_TWICE",
      `${op}: axes [${list.join(", ")}] of ${describeTyped(tensor)} name one axis twice`,
    );
  return list.sort((a, b) => a - b);
}

/** One axis of one tensor, for messages. */
export interface AxisOf {
  readonly tensor: Tensor;
  readonly axis: number;
}

function describeAxis({ tensor, axis }: AxisOf): string {
  return `axis ${axis} of ${describeSource(tensor)} (${sizeAt(tensor, axis).toString()})`;
}

/**
 * The common size of two axes that must agree: the constant one where one is; pushes a check when it cannot be proved.
 * @throws ShapeError SHAPE_MISMATCH when they provably differ.
 */
export function agree(
  op: string,
  x: AxisOf,
  y: AxisOf,
  checks: SizeCheck[],
  details: Pick<SizeCheck, "hint" | "hintOfOne"> = {},
): Size {
  const [a, b] = [sizeAt(x.tensor, x.axis), sizeAt(y.tensor, y.axis)];
  if (a.equals(b)) return a;
  const message = `${op}: ${describeAxis(x)} and ${describeAxis(y)} must agree`;
  if (a.constant !== undefined && b.constant !== undefined)
    throw new ShapeError("SHAPE_MISMATCH", message, {
      notes: [describeTyped(x.tensor), describeTyped(y.tensor)],
      ...(details.hint === undefined ? {} : { hint: details.hint }),
    });
  checks.push({ x: a, relation: "equal", y: b, message, ...details });
  return a.constant === undefined ? b : a;
}

const hintOfOne =
  "an axis broadcasts only where its size is the constant 1 when the graph is built";

/**
 * The shape to which all tensors broadcast: ranks are padded on the left, constant 1s stretch. The last `ignored` axes do not count.
 * @throws ShapeError SHAPE_MISMATCH
 */
export function broadcastShapes(
  op: string,
  tensors: readonly Tensor[],
  checks: SizeCheck[],
  ignored = 0,
): Size[] {
  const rank = Math.max(0, ...tensors.map((t) => t.rank - ignored));
  return Array.from({ length: rank }, (_, outAxis) => {
    let found: (AxisOf & { readonly size: Size }) | undefined;
    for (const tensor of tensors) {
      const axis = outAxis - (rank - (tensor.rank - ignored));
      const size = tensor.shape[axis];
      if (axis < 0 || size === undefined || isOne(size)) continue;
      found =
        found === undefined
          ? { tensor, axis, size }
          : merge(op, found, { tensor, axis, size }, checks);
    }
    return found?.size ?? one;
  });
}

function merge<A extends AxisOf & { readonly size: Size }>(
  op: string,
  x: A,
  y: A,
  checks: SizeCheck[],
): A {
  const size = agree(op, x, y, checks, { hintOfOne });
  return size.equals(x.size) ? x : y;
}

/** True when the size is at least 0 whatever its symbols are. */
export function knownNonNegative(size: Size): boolean {
  return size.terms.every((term) => term.coef > 0 && term.atoms.every(isNonNegativeAtom));
}

function isNonNegativeAtom(atom: SizeAtom): boolean {
  if (atom.kind === "symbol") return true;
  const [x, y] = [knownNonNegative(atom.x), knownNonNegative(atom.y)];
  return atom.kind === "max" ? x || y : x && y;
}

/** max(0, size). */
export function clampSize(size: Size): Size {
  return knownNonNegative(size) ? size : maxSizes(size, 0);
}
