/**
 * Derivatives of prefix combinations. With f the combination, h(t) = f(h(t-1), x(t)) is a recurrence, and its tangents and adjoints are
 * linear ones, whose elements are pairs of a matrix (of as many rows as parts, each entry a row of elements) and a vector:
 *   tangents: v(t) = v(t-1) J(t) + b(t), adjoints: v(t) = v(t+1) J(t+1) + g(t), with J(t) = df/dleft at (h(t-1), x(t)).
 * These are associative too, (M, v)(N, w) = (M N, v N + w), so that they are prefix combinations again. Entries that are zero
 * everywhere are left out (Blelloch 1990, section 1.4.1; Martin & Cundy 2018). Where a derivative chooses (`where`, maximum), a product
 * with 0 would not be the choice of the other side: 0 times NaN is NaN. Such combinations, and those of parts of several floating types,
 * are differentiated as a loop.
 */
import { isFloating } from "../../graph/dtype.ts";
import type { Apply, GradientContext } from "../../graph/op.ts";
import { freshLike } from "../../graph/rebuild.ts";
import { loopJvp, loopVjp } from "./prefix-loop-gradient.ts";
import type { MakePrefix, PrefixParams } from "./prefix-params.ts";
import { reached, recurrence, type Maybe } from "./prefix-recurrence.ts";
import { firstRow, joined, otherRows } from "./prefix-rows.ts";
import { Transitions } from "./prefix-transitions.ts";

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
  if (!steps.isLinear) return loopVjp(context, apply, given);
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
  if (!steps.isLinear) return loopJvp(context, apply, given);
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
