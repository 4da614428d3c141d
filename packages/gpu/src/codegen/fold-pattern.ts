/** Finds folds over one or several axes among the statements of a kernel, as core's lowering writes them. */
import {
  type Expr,
  type IndexVar,
  type ReduceOp,
  type ReduceOrder,
  type ScalarVar,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";

/** `result` = the fold of `value` over all points of `axes`; the last axis is the fastest. */
export interface Fold {
  readonly result: ScalarVar;
  readonly axes: readonly { readonly var: IndexVar; readonly extent: Size }[];
  readonly op: ReduceOp;
  readonly order: ReduceOrder;
  readonly value: Expr;
}

type For = Extract<Statement, { kind: "for" }>;

/** A statement of a kernel, or several that are one fold. */
export type Part =
  | { readonly kind: "fold"; readonly fold: Fold }
  | { readonly kind: "loop"; readonly loop: For }
  | {
      readonly kind: "plain";
      readonly statement: Extract<Statement, { kind: "let" | "assign" | "store" | "fail" }>;
    };

/** The body as parts; undefined where it holds something else. */
export function partsOf(body: readonly Statement[]): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let i = 0; i < body.length; i++) {
    const [s, next] = [body[i], body[i + 1]];
    if (s === undefined) continue;
    const several = s.kind === "let" && next !== undefined ? nestedFold(s.var, next) : undefined;
    if (several !== undefined) {
      parts.push({ kind: "fold", fold: several });
      i++;
    } else if (s.kind === "reduce") {
      const { var: result, index, extent, op, order, value } = s;
      const axes = [{ var: index, extent }];
      parts.push({ kind: "fold", fold: { result, axes, op, order, value } });
    } else if (s.kind === "for" && s.parallel) parts.push({ kind: "loop", loop: s });
    else if (s.kind === "let" || s.kind === "assign" || s.kind === "store" || s.kind === "fail")
      parts.push({ kind: "plain", statement: s });
    else return undefined;
  }
  return parts;
}

/** Loops around `[reduce part, sum = sum op part]`, where `sum` began as what changes nothing. */
function nestedFold(sum: ScalarVar, outermost: Statement): Fold | undefined {
  const axes: Fold["axes"][number][] = [];
  let s: Statement | undefined = outermost;
  let rest: readonly Statement[] = [];
  while (s?.kind === "for" && !s.parallel) {
    axes.push({ var: s.var, extent: s.extent });
    rest = s.body.slice(1);
    s = s.body[0];
  }
  const [assign, ...more] = rest;
  if (axes.length === 0 || s?.kind !== "reduce" || assign?.kind !== "assign" || more.length > 0)
    return undefined;
  const { value } = assign;
  const adds =
    assign.var === sum &&
    value.kind === "binary" &&
    value.op === s.op &&
    value.x.kind === "read" &&
    value.x.var === sum &&
    value.y.kind === "read" &&
    value.y.var === s.var;
  if (!adds) return undefined;
  axes.push({ var: s.index, extent: s.extent });
  return { result: sum, axes, op: s.op, order: s.order, value: s.value };
}
