/**
 * Arithmetic of indices. An index is kept normalised: terms of the same variable (or the same expression object) are one term, and no
 * coefficient is zero.
 */
import { addSizes, constantSize, mulSizes, type Size, toSize } from "../size/size.ts";
import { InternalError } from "../errors/errors.ts";
import type { Expr, Index, IndexTerm, IndexVar } from "./types.ts";
import { postOrder, replaceOperands } from "./walk.ts";

/** A fresh index variable. */
export function indexVar(name: string): IndexVar {
  return { kind: "indexVar", name };
}

/** The index 0. */
export const zeroIndex: Index = { terms: [], offset: constantSize(0) };

/** The same position everywhere. */
export function constantIndex(offset: Size | number): Index {
  return { terms: [], offset: toSize(offset) };
}

/** coef * of. @throws INTERNAL when `of` is an expression that is no i32 */
export function indexOf(of: IndexVar | Expr, coef: Size | number = 1): Index {
  if (of.kind !== "indexVar" && of.type !== "i32")
    throw new InternalError(`an index of type ${of.type}`);
  return normalIndex([{ coef: toSize(coef), of }], constantSize(0));
}

/** The sum of indices. */
export function addIndexes(...indexes: readonly Index[]): Index {
  return normalIndex(
    indexes.flatMap((index) => index.terms),
    addSizes(...indexes.map((index) => index.offset)),
  );
}

/** The index times a size. */
export function scaleIndex(index: Index, factor: Size | number): Index {
  const scaled = index.terms.map((term) => ({ ...term, coef: mulSizes(term.coef, factor) }));
  return normalIndex(scaled, mulSizes(index.offset, factor));
}

function normalIndex(terms: readonly IndexTerm[], offset: Size): Index {
  if (terms.length <= 1) return { terms: terms.filter(isTerm), offset };
  const merged = new Map<IndexVar | Expr, IndexTerm>();
  for (const term of terms) {
    const old = merged.get(term.of);
    merged.set(
      term.of,
      old === undefined ? term : { of: term.of, coef: addSizes(old.coef, term.coef) },
    );
  }
  return { terms: [...merged.values()].filter(isTerm), offset };
}

const isTerm = ({ coef }: IndexTerm): boolean => coef.constant !== 0;

/** The index with variables replaced, also inside its expressions; unlisted variables stay. */
export function substituteIndex(
  index: Index,
  replacements: ReadonlyMap<IndexVar, Index>,
  memo: Map<Expr, Expr> = new Map(),
): Index {
  return addIndexes(
    constantIndex(index.offset),
    ...index.terms.map(({ of, coef }) => {
      if (of.kind !== "indexVar") return indexOf(substituteIndexVars(of, replacements, memo), coef);
      const replacement = replacements.get(of);
      return replacement === undefined ? indexOf(of, coef) : scaleIndex(replacement, coef);
    }),
  );
}

/**
 * The expression with index variables replaced. One `memo` for several expressions keeps what they share shared; what mentions no
 * replaced variable stays the same object.
 */
export function substituteIndexVars(
  expr: Expr,
  replacements: ReadonlyMap<IndexVar, Index>,
  memo: Map<Expr, Expr> = new Map(),
): Expr {
  const renewed = (e: Expr): Expr => memo.get(e) ?? e;
  for (const e of postOrder([expr], memo)) {
    memo.set(
      e,
      replaceOperands(e, renewed, (index) =>
        mentions(index, replacements, renewed) ? substituteIndex(index, replacements, memo) : index,
      ),
    );
  }
  return renewed(expr);
}

function mentions(
  index: Index,
  replacements: ReadonlyMap<IndexVar, Index>,
  renewed: (e: Expr) => Expr,
): boolean {
  return index.terms.some(({ of }) =>
    of.kind === "indexVar" ? replacements.has(of) : renewed(of) !== of,
  );
}
