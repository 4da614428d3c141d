/**
 * Sink: a carry that only accumulates, c = c + f, leaves the loop: c + the sum of f_t over all t. Where f is a product a_t b_t the
 * sum is one product over steps and rows; where f is a sum it is one sum over one more axis. What the terms are made of becomes
 * rows of the loop.
 */
import { applyOne, ownerOf, type Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { add } from "../ops/arithmetic.ts";
import { sum, sumOp } from "../ops/broadcast.ts";
import { dimshuffle } from "../ops/dimshuffle.ts";
import { matmul, matmulOp } from "../ops/matmul.ts";
import { recordOf } from "../ops/record.ts";
import type { ReduceParams } from "../ops/reduce.ts";
import { reshape } from "../ops/reshape.ts";
import { mulSizes, type Size } from "../size/size.ts";
import { isMovable, Mover } from "./batch.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph, type Uses } from "./rewrite-graph.ts";
import {
  closeScan,
  isScan,
  openScan,
  resultsOf,
  type DraftCarry,
  type ScanDraft,
} from "./scan-draft.ts";

export const sink: Pass = {
  name: "sink what only accumulates",
  run: (results) =>
    rewriteGraph(results, (apply, inputs, uses) => {
      if (!isScan(apply) || apply.params.checkpoint === true) return undefined;
      const replaced = sinkFrom(openScan(apply, inputs), uses);
      return replaced === undefined ? undefined : resultsOf(apply, replaced);
    }),
};

/** How the sum of a term over all steps is made. */
interface Plan {
  /** Tensors of a step whose rows the sum needs. */
  readonly bases: readonly Tensor[];
  /** True when rows are stored for its sake; else it is worth it only where they are there anyway. */
  readonly isProduct: boolean;
  readonly sum: (mover: Mover) => Tensor;
}
interface Accumulation {
  readonly carry: DraftCarry;
  readonly plans: readonly Plan[];
}

function sinkFrom(draft: ScanDraft, uses: Uses): Map<Tensor, Tensor> | undefined {
  const found = draft.carries.flatMap((carry) => accumulation(carry, draft, uses) ?? []);
  const available = new Set<Tensor>([
    ...draft.xs.map((x) => x.input),
    ...draft.carries.map((c) => c.input),
    ...draft.ys.map((y) => y.row),
    ...draft.carries.map((c) => c.leaves),
  ]);
  for (const { plans } of found)
    for (const plan of plans)
      if (plan.isProduct) for (const base of plan.bases) available.add(base);
  const sunk = found.filter(({ plans }) =>
    plans.every((plan) => plan.bases.every((base) => available.has(base))),
  );
  if (sunk.length === 0) return undefined;

  const gone = new Set(sunk.map((s) => s.carry));
  const mover = Mover.of(draft);
  const carries = draft.carries.filter((c) => !gone.has(c));
  const entering = new Set(carries.map((c) => c.input));
  const needed = [...new Set(sunk.flatMap((s) => s.plans.flatMap((plan) => plan.bases)))];
  const news = needed.filter((base) => !mover.has(base) && !entering.has(base));
  const closed = closeScan({
    ...draft,
    params: { ...draft.params, shifts: [] },
    carries,
    ys: [...draft.ys, ...news.map((row) => ({ row, rows: undefined }))],
  });
  for (const [i, base] of news.entries()) {
    const rows = closed.rows[draft.ys.length + i];
    if (rows !== undefined) mover.add(base, { tensor: rows, batched: true });
  }
  for (const [input, rows] of closed.saved) mover.add(input, { tensor: rows, batched: true });
  const replaced = new Map(closed.replaced);
  for (const { carry, plans } of sunk)
    if (carry.final !== undefined)
      replaced.set(
        carry.final,
        plans.reduce((total, plan) => add(total, plan.sum(mover)), carry.initial),
      );
  return replaced;
}

/** The terms that a carry adds up, when it does nothing else. */
function accumulation(carry: DraftCarry, draft: ScanDraft, uses: Uses): [Accumulation] | undefined {
  if (carry.saved !== undefined && uses.isUsed(carry.saved)) return undefined;
  // Booleans are added by `or`; their sum counts.
  if (carry.input.dtype === "bool") return undefined;
  const terms = addends(carry.leaves, carry.input);
  if (terms === undefined) return undefined;
  const others = [
    ...draft.carries.filter((c) => c !== carry).map((c) => c.leaves),
    ...draft.ys.map((y) => y.row),
    ...terms,
  ];
  if (
    others.includes(carry.input) ||
    toposort(others).some((apply) => apply.inputs.includes(carry.input))
  )
    return undefined;
  const constants = new Set(draft.consts.map((c) => c.input));
  const plans = terms.map((term) => planOf(term, draft.params.length, constants));
  const possible = plans.filter((plan) => plan !== undefined);
  return possible.length === plans.length ? [{ carry, plans: possible }] : undefined;
}

/** The terms of input + x + (y + z) + ..., in order; undefined when the tensor is no such sum. */
function addends(tensor: Tensor, input: Tensor): Tensor[] | undefined {
  const terms: Tensor[] = [];
  let inputs = 0;
  const pending = [tensor];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const apply = ownerOf(at);
    if (at === input) inputs++;
    else if (
      apply?.op === add.op &&
      apply.inputs.every(
        (x) =>
          x.rank === at?.rank &&
          x.shape.every((size, axis) => size.equals(at?.shape[axis] ?? size)),
      )
    )
      pending.push(...[...apply.inputs].reverse());
    else terms.push(at);
  }
  return inputs === 1 && terms.length > 0 ? terms : undefined;
}

/** The first tensors under `tensor`, through views, that are no views; nothing for what is the same at every step. */
function basesOf(tensor: Tensor, constants: ReadonlySet<Tensor>): Tensor[] {
  const apply = ownerOf(tensor);
  if (constants.has(tensor) || tensor.origin.kind === "constant") return [];
  if (apply === undefined || recordOf(apply).cost !== "view" || !isMovable(apply)) return [tensor];
  return apply.inputs.flatMap((x) => basesOf(x, constants));
}

function planOf(term: Tensor, length: Size, constants: ReadonlySet<Tensor>): Plan | undefined {
  const apply = ownerOf(term);
  if (apply?.op === matmulOp) return productPlan(apply, length, constants);
  if (apply?.op === sumOp) return reductionPlan(apply as Apply<ReduceParams>, constants);
  if (apply !== undefined && recordOf(apply).cost === "view" && apply.inputs.length === 1) {
    const [input] = apply.inputs;
    const inner = input === undefined ? undefined : planOf(input, length, constants);
    return inner === undefined
      ? undefined
      : { ...inner, sum: (mover) => applyOne(apply.op, [inner.sum(mover)], apply.params) };
  }
  const bases = basesOf(term, constants);
  return bases.length === 0
    ? undefined
    : { bases, isProduct: false, sum: (mover) => sum(mover.move(term).tensor, 0) };
}

/** Sum over t of a_t b_t = [a_0 a_1 ...] [b_0; b_1; ...]. */
function productPlan(apply: Apply, length: Size, constants: ReadonlySet<Tensor>): Plan | undefined {
  const [a, b] = apply.inputs;
  const [m, k] = a?.shape ?? [];
  const n = b?.shape[1];
  if (
    a === undefined ||
    b === undefined ||
    m === undefined ||
    k === undefined ||
    n === undefined ||
    a.rank !== 2
  )
    return undefined;
  const [left, right] = [basesOf(a, constants), basesOf(b, constants)];
  if (left.length === 0 || right.length === 0) return undefined;
  const steps = mulSizes(length, k);
  return {
    bases: [...left, ...right],
    isProduct: true,
    sum: (mover) =>
      matmul(
        reshape(dimshuffle(mover.move(a).tensor, [1, 0, 2]), [m, steps]),
        reshape(mover.move(b).tensor, [steps, n]),
      ),
  };
}

function reductionPlan(
  apply: Apply<ReduceParams>,
  constants: ReadonlySet<Tensor>,
): Plan | undefined {
  const [x] = apply.inputs;
  if (x === undefined) return undefined;
  const { axes, keepdims } = apply.params;
  const bases = basesOf(x, constants);
  if (bases.length === 0) return undefined;
  const inner = axes.map((axis) => axis + 1);
  return {
    bases,
    isProduct: false,
    sum: (mover) => {
      const rows = mover.move(x).tensor;
      return keepdims ? sum(sum(rows, inner, { keepdims }), 0) : sum(rows, [0, ...inner]);
    },
  };
}
