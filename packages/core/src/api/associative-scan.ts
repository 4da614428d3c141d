/** Prefix combinations of rows: in order, or in vectors where rounding may differ. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { applyOp } from "../graph/op.ts";
import { freshLike } from "../graph/rebuild.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { alternativesOp } from "../ops/alternatives.ts";
import { makePrefix } from "../ops/prefix/prefix.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";
import { sizeAt } from "../ops/shape.ts";
import { reverse } from "../ops/slice.ts";
import { type Combine, elementwiseCombination, inOrder } from "./prefix.ts";
import { constantSize } from "../size/size.ts";
import { capture, tensorClock } from "./scan/capture.ts";

/** A tensor, or tensors by name, with one row per step on axis 0. */
type Rows = Tensor | Readonly<Record<string, Tensor>>;

export interface AssociativeScanOptions {
  /** From the last row to the first. Default: false. */
  readonly reverse?: boolean;
  /** How graphs and messages call it. */
  readonly name?: string;
}

/**
 * Row t of the result is row 0, 1, ..., t of the elements combined: r[t] = combine(r[t-1], x[t]). `combine` must be associative, and works on
 * many pairs at once: its arguments have one more axis, `[n, ...]` for rows `[...]`. It runs as a loop, exactly in order. Of rows of one
 * element, and what works element by element, a function compiled with `numerics: "fast"` combines four at a time (two of float64) in the
 * lanes of a vector (Hillis & Steele 1986); rows of up to 32 bytes go the same way where it is cheap, longer ones are fastest as a loop.
 * @example
 * // h[t] = a[t] h[t-1] + x[t], from 0
 * const { h } = associativeScan(
 *   (left, right) => ({ a: left.a.mul(right.a), h: right.a.mul(left.h).add(right.h) }),
 *   { a, h: x },
 * );
 * @throws ArgumentError ASSOCIATIVE_*; ShapeError ASSOCIATIVE_ROWS, ASSOCIATIVE_RESULT; of a call ShapeError SIZE_MISMATCH without rows
 */
export function associativeScan(
  combine: (left: Tensor, right: Tensor) => Tensor,
  elements: Tensor,
  options?: AssociativeScanOptions,
): Tensor;
export function associativeScan<E extends Readonly<Record<keyof E, Tensor>>>(
  combine: (left: E, right: E) => E,
  elements: E,
  options?: AssociativeScanOptions,
): E;
export function associativeScan(
  combine: (left: never, right: never) => Rows,
  elements: Rows,
  options: AssociativeScanOptions = {},
): Rows {
  const unknown = unknownOption(options, ["reverse", "name"]);
  if (unknown !== undefined)
    throw new ArgumentError("ASSOCIATIVE_OPTION", `associativeScan ${unknown.problem}`, unknown);
  const label =
    options.name === undefined ? "associativeScan" : `associativeScan "${options.name}"`;
  if (typeof combine !== "function")
    throw new ArgumentError("ASSOCIATIVE_COMBINE", `${label}: combine is ${typeof combine}`, {
      hint: "give the function first: associativeScan((a, b) => a.add(b), x)",
    });
  const { names, tensors } = listed(label, elements);
  const together = (left: readonly Tensor[], right: readonly Tensor[]): Tensor[] => {
    const made = combine(formed(names, left) as never, formed(names, right) as never);
    return checked(label, names, made, left);
  };
  return formed(names, prefixes(tensors, together, options.reverse === true));
}

/** In order, or with the other way beside it where there is one. What that takes from outside becomes inputs of the one application. */
function prefixes(
  rows: readonly Tensor[],
  combine: Combine,
  backwards: boolean,
): readonly Tensor[] {
  const turned = (list: readonly Tensor[]): readonly Tensor[] =>
    backwards ? list.map((x) => reverse(x, 0)) : list;
  const defined = (x: readonly Tensor[]): readonly Tensor[] => turned(inOrder(combine, turned(x)));
  const combination = elementwiseCombination(combine, rows);
  if (combination === undefined) return defined(rows);
  const { consts, block } = combination;
  const fast = (x: readonly Tensor[]): readonly Tensor[] => makePrefix(consts, x, block, backwards);
  const clock = tensorClock();
  const ways = [defined, fast].map((way) => {
    const args = rows.map((x) => freshLike(x));
    return { args, ...capture(way(args), new Set(args), clock, new Map()) };
  });
  const outer = [...new Set(ways.flatMap((way) => way.outer))];
  const blocks = ways.map(({ args, inputs, outputs, ...way }) => ({
    inputs: [...outer.map((x) => inputs[way.outer.indexOf(x)] ?? freshLike(x)), ...args],
    outputs,
  }));
  return applyOp(alternativesOp, [...outer, ...rows], null, blocks);
}

interface Listed {
  /** Undefined: one tensor without a name. */
  readonly names: readonly string[] | undefined;
  readonly tensors: readonly Tensor[];
}

/** @throws ArgumentError ASSOCIATIVE_ELEMENTS; ShapeError ASSOCIATIVE_ROWS */
function listed(label: string, elements: unknown): Listed {
  const isOne = elements instanceof Tensor;
  const entries: readonly (readonly [string, unknown])[] = isOne
    ? [["elements", elements]]
    : Object.entries(elements ?? {});
  if (entries.length === 0 || Array.isArray(elements))
    throw new ArgumentError("ASSOCIATIVE_ELEMENTS", `${label}: the elements are no tensors`, {
      hint: "give a tensor [T, ...] or a record of them: { a, x }",
    });
  const tensors = entries.map(([name, x]) => {
    if (x instanceof Tensor && x.rank > 0) return x;
    const given = x instanceof Tensor ? `${describe(x)} ${printType(x.type)}` : typeof x;
    throw new ArgumentError("ASSOCIATIVE_ELEMENTS", `${label}: ${name} is ${given}`, {
      hint: "elements have rows on axis 0: [T, ...]",
    });
  });
  const [first] = tensors;
  const alike =
    first === undefined
      ? []
      : tensors.map((x, i) => (i === 0 ? withRows(label, x) : withRowsOf(label, first, x)));
  return { names: isOne ? undefined : entries.map(([name]) => name), tensors: alike };
}

/** `x`, which must have rows: a call tests what is not known. @throws ShapeError ASSOCIATIVE_ROWS */
function withRows(label: string, x: Tensor): Tensor {
  const size = sizeAt(x, 0);
  if (size.constant !== undefined && size.constant > 0) return x;
  const message = `${label}: ${describe(x)} has no rows`;
  const hint = "the first row is the first result: give one at least";
  if (size.constant !== undefined) throw new ShapeError("ASSOCIATIVE_ROWS", message, { hint });
  const check = { x: size, relation: "atLeast" as const, y: constantSize(1), message, hint };
  return assertSizes(x, x.shape, [check]);
}

/** `x`, known to have as many rows as `first`; a call tests what cannot be proved. @throws ShapeError ASSOCIATIVE_ROWS */
function withRowsOf(label: string, first: Tensor, x: Tensor): Tensor {
  const [size, own] = [sizeAt(first, 0), sizeAt(x, 0)];
  if (own.equals(size)) return x;
  const message = `${label}: ${describe(first)} has ${size.toString()} rows, ${describe(x)} ${own.toString()}`;
  const hint = "give elements with equally many rows: cut the longer ones";
  if (size.constant !== undefined && own.constant !== undefined)
    throw new ShapeError("ASSOCIATIVE_ROWS", message, { hint });
  const check = { x: size, relation: "equal" as const, y: own, message, hint };
  return assertSizes(x, [size, ...x.shape.slice(1)], [check]);
}

function formed(names: readonly string[] | undefined, tensors: readonly Tensor[]): Rows {
  const [only] = tensors;
  if (names === undefined && only !== undefined) return only;
  return Object.fromEntries((names ?? []).map((name, i) => [name, tensors[i] ?? only])) as Rows;
}

/** @throws ArgumentError, ShapeError ASSOCIATIVE_RESULT */
function checked(
  label: string,
  names: readonly string[] | undefined,
  made: unknown,
  like: readonly Tensor[],
): Tensor[] {
  return like.map((x, i) => {
    const name = names?.[i];
    const y: unknown = name === undefined ? made : Reflect.get(Object(made), name);
    const what = name === undefined ? "its result" : `its result "${name}"`;
    if (!(y instanceof Tensor))
      throw new ArgumentError(
        "ASSOCIATIVE_RESULT",
        `${label}: combine gives no ${name ?? "tensor"}`,
        {
          hint: "return what the arguments are: a tensor, or a record with the same names",
        },
      );
    if (
      y.dtype === x.dtype &&
      y.rank === x.rank &&
      y.shape.every((d, k) => d.equals(x.shape[k] ?? d))
    )
      return y;
    throw new ShapeError(
      "ASSOCIATIVE_RESULT",
      `${label}: combine takes ${printType(x.type)} and ${what} is ${printType(y.type)}`,
      {
        notes: [`made at ${y.site.toString()}`],
        hint: "combine works on many pairs at once: [n, ...] and [n, ...] give [n, ...]",
      },
    );
  });
}
