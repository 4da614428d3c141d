/** Products that a loop adds up: a term a_t b_t becomes an accumulator of its own, of the product's shape, which `sink` can take out. */
import { applyOne, ownerOf, type Apply } from "../graph/op.ts";
import { freshLike } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { zeros } from "../ops/constant.ts";
import { matmulOp } from "../ops/matmul.ts";
import { recordOf } from "../ops/record.ts";
import type { Size } from "../size/size.ts";
import { accumulatedTerms, basesOf } from "./accumulations.ts";
import type { Pass } from "./pipeline.ts";
import type { Uses } from "./rewrite-graph.ts";
import { closeScan, type DraftCarry, type ScanDraft } from "./scan-draft.ts";
import { scanPass } from "./scan-pass.ts";

/** a_t b_t of matrices that both change from step to step; undefined for anything else. */
export interface StepProduct {
  readonly a: Tensor;
  readonly b: Tensor;
  /** The size of the contracted axis. */
  readonly k: Size;
}

export function stepProduct(
  tensor: Tensor,
  constants: ReadonlySet<Tensor>,
): StepProduct | undefined {
  const apply = ownerOf(tensor);
  const [a, b] = apply?.op === matmulOp ? apply.inputs : [];
  const k = a?.shape[1];
  if (a === undefined || b === undefined || k === undefined || a.rank !== 2) return undefined;
  return basesOf(a, constants).length === 0 || basesOf(b, constants).length === 0
    ? undefined
    : { a, b, k };
}

export const splitProducts: Pass = scanPass("split products that add up", split);

/** A product under views, and what makes the term of it. */
interface Viewed {
  readonly product: Tensor;
  readonly views: readonly Apply[];
}

function split(draft: ScanDraft, uses: Uses): Map<Tensor, Tensor> | undefined {
  const constants = new Set(draft.consts.map((c) => c.input));
  const parts = draft.carries.map((carry) => {
    const terms = accumulatedTerms(carry, draft, uses) ?? [];
    const viewed = terms.map((term) => productUnder(term, constants));
    const isSplit =
      viewed.some((v) => v !== undefined) && (terms.length > 1 || viewed[0]?.views.length !== 0);
    const rest = terms.filter((_, i) => viewed[i] === undefined);
    return isSplit ? { rest, products: viewed.filter((v) => v !== undefined) } : undefined;
  });
  if (parts.every((part) => part === undefined)) return undefined;

  const kept: DraftCarry[] = [];
  const news: {
    readonly carry: DraftCarry;
    readonly of: DraftCarry;
    readonly views: readonly Apply[];
  }[] = [];
  for (const [i, carry] of draft.carries.entries()) {
    const part = parts[i];
    if (part === undefined) kept.push(carry);
    else {
      if (part.rest.length > 0) kept.push({ ...carry, leaves: part.rest.reduce(add, carry.input) });
      for (const { product, views } of part.products) {
        const input = freshLike(product);
        const initial = zeros(product.shape, product.dtype);
        const leaves = add(input, product);
        news.push({
          carry: { input, initial, leaves, final: freshLike(product), saved: undefined },
          of: carry,
          views,
        });
      }
    }
  }
  const closed = closeScan({
    ...draft,
    params: { ...draft.params, shifts: [] },
    carries: [...kept, ...news.map((n) => n.carry)],
  });
  const replaced = new Map(closed.replaced);
  for (const [i, carry] of draft.carries.entries()) {
    const { final } = carry;
    if (parts[i] === undefined || final === undefined) continue;
    const sums = news.flatMap(({ carry: made, of, views }) => {
      const sum = made.final === undefined ? undefined : replaced.get(made.final);
      return of !== carry || sum === undefined
        ? []
        : [views.reduceRight((x, view) => applyOne(view.op, [x], view.params), sum)];
    });
    replaced.set(final, sums.reduce(add, replaced.get(final) ?? carry.initial));
  }
  return replaced;
}

function productUnder(term: Tensor, constants: ReadonlySet<Tensor>): Viewed | undefined {
  const views: Apply[] = [];
  for (let at = term; ;) {
    if (stepProduct(at, constants) !== undefined) return { product: at, views };
    const apply = ownerOf(at);
    const [input] = apply?.inputs ?? [];
    if (apply === undefined || input === undefined || apply.inputs.length > 1) return undefined;
    if (recordOf(apply).cost !== "view") return undefined;
    views.push(apply);
    at = input;
  }
}
