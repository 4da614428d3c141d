/** Sums that a loop adds up, step by step: f_t itself, or a sum over some of its axes, under views. */
import { applyOne, ownerOf, type Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { sum, sumOp } from "../ops/broadcast.ts";
import { matmulOp } from "../ops/matmul.ts";
import { recordOf } from "../ops/record.ts";
import type { ReduceParams } from "../ops/reduce.ts";
import { sizeAt } from "../ops/shape.ts";
import { constantSize, minSizes, mulSizes, type Size } from "../size/size.ts";
import { accumulatedTerms, basesOf } from "./accumulations.ts";
import { stepsPerBlock } from "./block-sums.ts";
import type { Uses } from "./rewrite-graph.ts";
import type { ScanDraft } from "./scan-draft.ts";
import { stepProduct } from "./step-products.ts";

/** A term that is a sum of what a step computes. */
export interface StepSum {
  /** What is summed, inside the step. */
  readonly rows: Tensor;
  readonly bases: readonly Tensor[];
  /** How many elements of it one element of the term adds up. */
  readonly count: Size;
  /** The sum of the term over steps, from the rows of these steps. */
  readonly over: (rows: Tensor) => Tensor;
}

/**
 * Steps per block of the sums in a loop, the same for all of them, so that one length of chunks fits them: as many as fill a block of
 * the product over the fewest rows, or of the sum of the fewest elements where there is no product. Undefined: nothing is added up.
 */
export function blockSteps(draft: ScanDraft, uses: Uses): Size | undefined {
  const constants = new Set(draft.consts.map((c) => c.input));
  const terms = draft.carries.flatMap((carry) => accumulatedTerms(carry, draft, uses) ?? []);
  const rows = terms.flatMap((term) => stepProduct(term, constants)?.k ?? []);
  const counts = terms.flatMap((term) => stepSum(term, constants)?.count ?? []);
  const [first, ...others] = rows.length > 0 ? rows : counts;
  return first === undefined
    ? undefined
    : stepsPerBlock(others.reduce((least, size) => minSizes(least, size), first));
}

/** Undefined for products, and for what is the same at every step. */
export function stepSum(term: Tensor, constants: ReadonlySet<Tensor>): StepSum | undefined {
  const apply = ownerOf(term);
  if (apply?.op === matmulOp) return undefined;
  if (apply?.op === sumOp) return reduction(apply as Apply<ReduceParams>, constants);
  if (apply !== undefined && recordOf(apply).cost === "view" && apply.inputs.length === 1) {
    const [input] = apply.inputs;
    const inner = input === undefined ? undefined : stepSum(input, constants);
    return inner === undefined
      ? undefined
      : { ...inner, over: (rows) => applyOne(apply.op, [inner.over(rows)], apply.params) };
  }
  const bases = basesOf(term, constants);
  return bases.length === 0
    ? undefined
    : { rows: term, bases, count: constantSize(1), over: (rows) => sum(rows, 0) };
}

function reduction(
  apply: Apply<ReduceParams>,
  constants: ReadonlySet<Tensor>,
): StepSum | undefined {
  const [x] = apply.inputs;
  if (x === undefined) return undefined;
  const { axes, keepdims } = apply.params;
  const bases = basesOf(x, constants);
  if (bases.length === 0) return undefined;
  const inner = axes.map((axis) => axis + 1);
  return {
    rows: x,
    bases,
    count: mulSizes(...axes.map((axis) => sizeAt(x, axis))),
    over: (rows) => (keepdims ? sum(sum(rows, inner, { keepdims }), 0) : sum(rows, [0, ...inner])),
  };
}
