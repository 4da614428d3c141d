/**
 * Loop nests over dense shapes: axes of size 1 vanish, and neighbouring axes that every access walks through as one become one,
 * so that the innermost loop is as long as it can be.
 */
import { substituteIndex, substituteIndexVars, zeroIndex } from "../loop-ir/index-expr.ts";
import type { Expr, Index, IndexVar, Statement } from "../loop-ir/types.ts";
import { constantSize, mulSizes, type Size } from "../size/size.ts";
import { postOrder } from "../loop-ir/walk.ts";

export interface Axis {
  readonly var: IndexVar;
  readonly extent: Size;
}
/** A value and the places it goes to. */
export interface Assignment {
  readonly value: Expr;
  readonly stores: readonly {
    readonly buffer: (Statement & { kind: "store" })["buffer"];
    readonly index: Index;
  }[];
}

/** The same assignments over fewer axes. */
export function collapse(
  axes: readonly Axis[],
  assignments: readonly Assignment[],
): { readonly axes: readonly Axis[]; readonly assignments: readonly Assignment[] } {
  const replaced = new Map<IndexVar, Index>();
  for (const axis of axes) if (axis.extent.constant === 1) replaced.set(axis.var, zeroIndex);
  let left = axes.filter((axis) => !replaced.has(axis.var));
  const indices = allIndices(assignments);
  for (let inner = left.length - 1; inner > 0; inner--) {
    const [a, b] = [left[inner - 1], left[inner]];
    if (a === undefined || b === undefined || !indices.every((index) => walksAsOne(index, a, b)))
      continue;
    replaced.set(a.var, zeroIndex);
    left = [
      ...left.slice(0, inner - 1),
      { var: b.var, extent: mulSizes(a.extent, b.extent) },
      ...left.slice(inner + 1),
    ];
  }
  if (replaced.size === 0) return { axes: left, assignments };
  const memo = new Map<Expr, Expr>();
  return {
    axes: left,
    assignments: assignments.map(({ value, stores }) => ({
      value: substituteIndexVars(value, replaced, memo),
      stores: stores.map((s) => ({ ...s, index: substituteIndex(s.index, replaced, memo) })),
    })),
  };
}

function walksAsOne(index: Index, a: Axis, b: Axis): boolean {
  const coef = (v: IndexVar): Size => index.terms.find((t) => t.of === v)?.coef ?? constantSize(0);
  return coef(a.var).key === mulSizes(coef(b.var), b.extent).key;
}

function allIndices(assignments: readonly Assignment[]): Index[] {
  const found = assignments.flatMap(({ stores }) => stores.map((s) => s.index));
  for (const expr of postOrder(assignments.map((a) => a.value)))
    if (expr.kind === "load" || expr.kind === "position") found.push(expr.index);
  return found;
}

/** A nest of loops around `body`, outermost axis first; nothing where an axis is known to be empty. */
export function nest(
  axes: readonly Axis[],
  body: readonly Statement[],
  parallel = true,
): readonly Statement[] {
  if (axes.some((axis) => axis.extent.constant === 0)) return [];
  let inner = body;
  for (const axis of [...axes].reverse())
    inner = [{ kind: "for", var: axis.var, extent: axis.extent, parallel, body: inner }];
  return inner;
}
