/**
 * Sink: a carry that only accumulates, c = c + f, leaves the loop: c + the sum of f_t over all t. Where f is a product a_t b_t the sum
 * is a product over the rows of many steps; where f is a sum it is one sum over their axis, too. What the terms are made of becomes
 * rows of the loop. Which carries leave, and in which order terms are added, is the same for a chunk of a loop as for the whole.
 */
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { accumulatedTerms, basesOf } from "./accumulations.ts";
import { Mover } from "./batch.ts";
import { type BlockSum, sumOfProducts, sumOverBlocks } from "./block-sums.ts";
import type { Pass } from "./pipeline.ts";
import type { Uses } from "./rewrite-graph.ts";
import { closeScan, entry, type DraftCarry, type ScanDraft } from "./scan-draft.ts";
import { scanPass } from "./scan-pass.ts";
import { stepProduct, type StepProduct } from "./step-products.ts";
import { blockSteps, stepSum } from "./step-sums.ts";

export const sink: Pass = scanPass("sink what only accumulates", sinkFrom);

/** How a carry and the terms of all steps are added up outside. */
interface Plan {
  readonly carry: DraftCarry;
  /** Tensors of a step whose rows the sum needs. */
  readonly bases: readonly Tensor[];
  readonly isProduct: boolean;
  readonly sum: (mover: Mover) => BlockSum;
}

function sinkFrom(draft: ScanDraft, uses: Uses): Map<Tensor, Tensor> | undefined {
  const every = blockSteps(draft, uses);
  const sunk = every === undefined ? [] : chosen(draft, uses);
  if (every === undefined || sunk.length === 0) return undefined;
  const gone = new Set(sunk.map((s) => s.carry));
  const mover = Mover.of(draft);
  const carries = draft.carries.filter((c) => !gone.has(c));
  const entering = new Set(carries.map((c) => c.input));
  const needed = [...new Set(sunk.flatMap((plan) => plan.bases))];
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
  const wanted = sunk.filter(({ carry }) => carry.final !== undefined);
  const sums = wanted.map(({ sum }) => sum(mover));
  const { memory, part, reverse } = draft.params;
  // One loop for all of them holds the temporaries of all at once, which a budget may not have room for.
  const loops = memory === undefined && part === undefined ? [sums] : sums.map((alone) => [alone]);
  const totals = loops.flatMap((together) => sumOverBlocks(together, every, reverse));
  for (const [i, { carry }] of wanted.entries())
    if (carry.final !== undefined) replaced.set(carry.final, entry(totals, i));
  return replaced;
}

/**
 * Products; sums of rows that are there for a product anyway, or come from outside; and where nothing else remains in the loop, sums
 * of any rows that are there.
 */
function chosen(draft: ScanDraft, uses: Uses): readonly Plan[] {
  const constants = new Set(draft.consts.map((c) => c.input));
  const found = draft.carries.flatMap((carry) => {
    const terms = accumulatedTerms(carry, draft, uses);
    return terms === undefined ? [] : (planOf(carry, terms, constants) ?? []);
  });
  const products = found.filter((plan) => plan.isProduct);
  const within =
    (available: readonly Tensor[]) =>
    (plan: Plan): boolean =>
      plan.isProduct || plan.bases.every((base) => available.includes(base));
  const given = [...draft.xs.map((x) => x.input), ...products.flatMap((plan) => plan.bases)];
  const kept = [...draft.ys.map((y) => y.row), ...draft.carries.map((c) => c.leaves)];
  const vanishes =
    found.length === draft.carries.length && found.every(within([...given, ...kept]));
  return vanishes ? found : found.filter(within(given));
}

function planOf(
  carry: DraftCarry,
  terms: readonly Tensor[],
  constants: ReadonlySet<Tensor>,
): Plan | undefined {
  const [first] = terms;
  const product =
    terms.length === 1 && first !== undefined ? stepProduct(first, constants) : undefined;
  if (product !== undefined) return productPlan(carry, product, constants);
  const sums = terms.map((term) => stepSum(term, constants));
  if (sums.includes(undefined)) return undefined;
  const found = sums.filter((s) => s !== undefined);
  return {
    carry,
    bases: found.flatMap((s) => s.bases),
    isProduct: false,
    sum: (mover) => ({
      rows: found.map((s) => mover.move(s.rows).tensor),
      initial: carry.initial,
      add: (rows, total) =>
        rows.reduce((sum, block, i) => add(sum, found[i]?.over(block) ?? block), total),
    }),
  };
}

function productPlan(
  carry: DraftCarry,
  { a, b }: StepProduct,
  constants: ReadonlySet<Tensor>,
): Plan {
  return {
    carry,
    bases: [...basesOf(a, constants), ...basesOf(b, constants)],
    isProduct: true,
    sum: (mover) => sumOfProducts(mover.move(a).tensor, mover.move(b).tensor, carry.initial),
  };
}
