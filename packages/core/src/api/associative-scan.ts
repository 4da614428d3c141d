/** Prefix combinations of rows: in order, or in parallel where rounding may differ. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { applyOp } from "../graph/op.ts";
import { freshLike } from "../graph/rebuild.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { alternativesOp } from "../ops/alternatives.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";
import { sizeAt } from "../ops/shape.ts";
import { reverse } from "../ops/slice.ts";
import { inLanes, inOrder } from "./prefix.ts";
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
 * many pairs at once: its arguments have one more axis, `[n, ...]` for rows `[...]`. It runs as a loop, exactly in order; a function
 * compiled with `numerics: "fast"` splits the rows among 256 lanes that run side by side, and combines the lanes' totals (Blelloch 1990).
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
  const rows = options.reverse === true ? tensors.map((x) => reverse(x, 0)) : tensors;
  const together = (left: readonly Tensor[], right: readonly Tensor[]): Tensor[] => {
    const made = combine(formed(names, left) as never, formed(names, right) as never);
    return checked(label, names, made, left);
  };
  const results = twoWays(rows, together);
  return formed(names, options.reverse === true ? results.map((x) => reverse(x, 0)) : results);
}

type Combine = (left: readonly Tensor[], right: readonly Tensor[]) => Tensor[];

/** One application that holds both ways. What `combine` takes from outside becomes inputs of it. */
function twoWays(rows: readonly Tensor[], combine: Combine): readonly Tensor[] {
  const clock = tensorClock();
  const ways = [inOrder, inLanes].map((way) => {
    const args = rows.map((x) => freshLike(x));
    return { args, ...capture(way(combine, args), new Set(args), clock, new Map()) };
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
  const alike = first === undefined ? [] : tensors.map((x) => withRowsOf(label, first, x));
  return { names: isOne ? undefined : entries.map(([name]) => name), tensors: alike };
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
