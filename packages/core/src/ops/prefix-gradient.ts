/**
 * Derivatives of prefix combinations. With f the combination, h(t) = f(h(t-1), x(t)) is a recurrence, and its tangents and adjoints are
 * linear ones, whose elements are pairs of a matrix (of as many rows as parts, each entry a row of elements) and a vector:
 *   tangents: v(t) = v(t-1) J(t) + b(t), adjoints: v(t) = v(t+1) J(t+1) + g(t), with J(t) = df/dleft at (h(t-1), x(t)).
 * These are associative too, (M, v)(N, w) = (M N, v N + w), so that they are prefix combinations again. Entries that are zero
 * everywhere are left out (Blelloch 1990, section 1.4.1; Martin & Cundy 2018).
 */
import { InternalError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { Apply, GradientContext } from "../graph/op.ts";
import { freshLike, inlineBlock } from "../graph/rebuild.ts";
import { Tensor } from "../graph/tensor.ts";
import { constantSize, subSizes } from "../size/size.ts";
import { add, mul } from "./arithmetic.ts";
import { present } from "./arity.ts";
import { onlyBlock } from "./block-op.ts";
import { stretch } from "./broadcast.ts";
import { concatenate } from "./concatenate.ts";
import { onesLike } from "./constant.ts";
import type { MakePrefix, PrefixParams } from "./prefix-params.ts";
import { sizeAt } from "./shape.ts";
import { sliceAxis } from "./slice.ts";

type Maybe = Tensor | undefined;
/** Rows of elements by place: entry [i][j] undefined where zero. */
type Matrix = readonly (readonly Maybe[])[];

/** All combinations but that of the first row, which is none, side by side. */
class Transitions {
  readonly #apply: Apply<PrefixParams>;
  /** Stand-ins for consts, left and right rows `[T - 1, ...]`, and the results made of them. */
  readonly consts: readonly Tensor[];
  readonly left: readonly Tensor[];
  readonly right: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly jacobian: Matrix;

  constructor(context: GradientContext, apply: Apply<PrefixParams>) {
    this.#apply = apply;
    const [consts, left, right] = this.#given();
    const fresh = (list: readonly Tensor[]): Tensor[] => list.map((x) => freshLike(x));
    [this.consts, this.left, this.right] = [fresh(consts), fresh(left), fresh(right)];
    const block = onlyBlock("prefix", apply.blocks);
    const made = inlineBlock(block, [...this.consts, ...this.left, ...this.right]);
    this.outputs = made.map((y, i) => stretch(y, this.right[i]?.shape ?? y.shape));
    this.jacobian = this.outputs.map((y) =>
      isFloating(y.dtype)
        ? this.bind(context.pullback([y], [onesLike(y)], this.left), [])
        : this.left.map(() => undefined),
    );
  }

  /** Consts, what is on the left of every combination, what is on the right. */
  #given(): readonly [readonly Tensor[], readonly Tensor[], readonly Tensor[]] {
    const { inputs, outputs, params } = this.#apply;
    const [early, late] = params.reverse ? [1, 0] : [0, 1];
    const from = (start: number) => (x: Tensor) =>
      sliceAxis(x, 0, start, subSizes(sizeAt(x, 0), 1));
    return [
      inputs.slice(0, params.consts),
      outputs.map(from(early)),
      inputs.slice(params.consts).map(from(late)),
    ];
  }

  /** What was made of stand-ins, made of what they stand for; `directions` are pairs of further ones. */
  bind(
    made: readonly Maybe[],
    directions: readonly (readonly [standIn: Tensor, value: Tensor])[],
  ): readonly Maybe[] {
    const standIns = [...this.consts, ...this.left, ...this.right, ...directions.map(([x]) => x)];
    const values = [...this.#given().flat(), ...directions.map(([, value]) => value)];
    const bound = inlineBlock({ inputs: standIns, outputs: present(made) }, values);
    let next = 0;
    return made.map((x) => (x === undefined ? undefined : bound[next++]));
  }
}

/** The row of `x` that a run forwards or backwards begins with. */
function firstRow(x: Tensor, backwards: boolean): Tensor {
  return sliceAxis(x, 0, backwards ? subSizes(sizeAt(x, 0), 1) : 0, 1);
}
function otherRows(x: Tensor, backwards: boolean): Tensor {
  return sliceAxis(x, 0, backwards ? 0 : 1, subSizes(sizeAt(x, 0), 1));
}
function joined(first: Tensor, rest: Tensor, backwards: boolean): Tensor {
  return concatenate(backwards ? [rest, first] : [first, rest], 0);
}

export function prefixVjp(
  context: GradientContext,
  apply: Apply<PrefixParams>,
  cotangents: readonly Maybe[],
  wanted: readonly boolean[],
  make: MakePrefix,
): Maybe[] {
  const { inputs, outputs, params } = apply;
  const { consts, reverse } = params;
  const given = outputs.map((y, i) => (isFloating(y.dtype) ? cotangents[i] : undefined));
  if (given.every((g) => g === undefined)) return [];
  const steps = new Transitions(context, apply);
  const active = reached(given, steps.jacobian);
  const adjoints = recurrence(
    context,
    outputs.map((y, i) => (active[i] === true ? (given[i] ?? context.zeros(y)) : undefined)),
    // Of the transition from a row to the next: they are seen from the row before.
    steps.jacobian,
    !reverse,
    make,
  );
  const seeds = steps.outputs.map((y, i) => (adjoints[i] === undefined ? undefined : freshLike(y)));
  const pairs = seeds.flatMap((seed, i) => {
    const adjoint = adjoints[i];
    return seed === undefined || adjoint === undefined
      ? []
      : [[seed, otherRows(adjoint, reverse)] as const];
  });
  const pulled = steps.bind(
    context.pullback(steps.outputs, seeds, [...steps.consts, ...steps.right]),
    pairs,
  );
  return inputs.map((x, i) => {
    if (wanted[i] === false || !isFloating(x.dtype)) return undefined;
    const rest = pulled[i];
    if (i < consts) return rest;
    const adjoint = adjoints[i - consts];
    if (adjoint === undefined && rest === undefined) return undefined;
    const first = firstRow(adjoint ?? context.zeros(x), reverse);
    return joined(first, rest ?? context.zeros(otherRows(x, reverse)), reverse);
  });
}

export function prefixJvp(
  context: GradientContext,
  apply: Apply<PrefixParams>,
  tangents: readonly Maybe[],
  make: MakePrefix,
): readonly Maybe[] {
  const { inputs, params } = apply;
  const { consts, reverse } = params;
  const given = inputs.map((x, i) => (isFloating(x.dtype) ? tangents[i] : undefined));
  if (given.every((g) => g === undefined)) return [];
  const steps = new Transitions(context, apply);
  const standIns = [...steps.consts, ...steps.right];
  const directions = standIns.map((x, i) => (given[i] === undefined ? undefined : freshLike(x)));
  const pairs = directions.flatMap((direction, i) => {
    const tangent = given[i];
    if (direction === undefined || tangent === undefined) return [];
    return [[direction, i < consts ? tangent : otherRows(tangent, reverse)] as const];
  });
  const pushed = steps.bind(context.pushforward(steps.outputs, standIns, directions), pairs);
  const elements = inputs.slice(consts);
  const sources = elements.map((x, i) => {
    const [own, rest] = [given[consts + i], pushed[i]];
    if (own === undefined && rest === undefined) return undefined;
    const first = firstRow(own ?? context.zeros(x), reverse);
    return joined(first, rest ?? context.zeros(otherRows(x, reverse)), reverse);
  });
  const transposed = elements.map((_, i) => elements.map((_x, j) => steps.jacobian[j]?.[i]));
  const active = reached(sources, transposed);
  return recurrence(
    context,
    elements.map((x, i) => (active[i] === true ? (sources[i] ?? context.zeros(x)) : undefined)),
    transposed,
    reverse,
    make,
  );
}

/** Which parts are not zero: those given, and those that others reach. */
function reached(given: readonly Maybe[], matrix: Matrix): readonly boolean[] {
  const found = given.map((x) => x !== undefined);
  for (let count = -1; count !== found.filter(Boolean).length;) {
    count = found.filter(Boolean).length;
    for (const [i, row] of matrix.entries())
      for (const [j, entry] of row.entries())
        if (found[i] === true && entry !== undefined) found[j] = true;
  }
  return found;
}

/** One entry of the matrix of an element. */
interface Entry {
  readonly i: number;
  readonly j: number;
}

/** v(t) = v(t-1) M(t) + b(t) for rows `[T, ...]` of b and `[T - 1, ...]` of M; backwards: v(t) = v(t+1) M(t) + b(t). */
function recurrence(
  context: GradientContext,
  b: readonly Maybe[],
  matrix: Matrix,
  backwards: boolean,
  make: MakePrefix,
): readonly Maybe[] {
  const parts = b.flatMap((x, i) => (x === undefined ? [] : [i]));
  const entries = products(parts, matrix);
  const rowsOf = (part: number): Tensor => {
    const rows = b[part];
    if (rows === undefined) throw new InternalError("a recurrence of nothing");
    return rows;
  };
  const factors = entries.map(({ i, j }) => {
    const like = rowsOf(j);
    const zero = context.zeros(otherRows(like, backwards));
    // The first row is never on the right of anything.
    const first = context.zeros(firstRow(like, backwards));
    const rest = matrix[i]?.[j] ?? zero;
    return joined(first, rest, backwards);
  });
  const elements = [...factors, ...parts.map(rowsOf)];
  const side = (): Tensor[] => elements.map(oneRow);
  const [left, right] = [side(), side()];
  const entry = (of: readonly Tensor[], i: number, j: number): Maybe =>
    of[entries.findIndex((e) => e.i === i && e.j === j)];
  const through = (vector: (i: number) => Maybe, j: number): Maybe =>
    sumOf(parts.map((i) => product(vector(i), entry(right, i, j))));
  const combined = [
    ...entries.map(
      ({ i, j }, k) => through((m) => entry(left, i, m), j) ?? zeroOf(context, left, k),
    ),
    ...parts.map((j, k) => {
      const own = right[entries.length + k];
      const carried = through((i) => left[entries.length + parts.indexOf(i)], j);
      return sumOf([carried, own]) ?? zeroOf(context, left, k);
    }),
  ];
  const block = { inputs: [...left, ...right], outputs: combined };
  const results = make([], elements, block, backwards).slice(entries.length);
  return b.map((_, i) => (parts.includes(i) ? results[parts.indexOf(i)] : undefined));
}

/** The entries that products of such matrices can have. */
function products(parts: readonly number[], matrix: Matrix): readonly Entry[] {
  const has = new Set(
    parts.flatMap((i) => parts.flatMap((j) => (matrix[i]?.[j] === undefined ? [] : [`${i},${j}`]))),
  );
  for (const k of parts)
    for (const i of parts)
      for (const j of parts) if (has.has(`${i},${k}`) && has.has(`${k},${j}`)) has.add(`${i},${j}`);
  return parts.flatMap((i) => parts.flatMap((j) => (has.has(`${i},${j}`) ? [{ i, j }] : [])));
}

function oneRow({ dtype, shape, name }: Tensor): Tensor {
  return new Tensor(
    { dtype, shape: [constantSize(1), ...shape.slice(1)] },
    { kind: "input" },
    name,
  );
}

function zeroOf(context: GradientContext, left: readonly Tensor[], k: number): Tensor {
  const like = left[k];
  if (like === undefined) throw new InternalError("a recurrence of nothing");
  return context.zeros(like);
}

const product = (x: Maybe, y: Maybe): Maybe =>
  x === undefined || y === undefined ? undefined : mul(x, y);

const sumOf = (terms: readonly Maybe[]): Maybe =>
  present(terms).reduce<Maybe>((sum, x) => (sum === undefined ? x : add(sum, x)), undefined);
