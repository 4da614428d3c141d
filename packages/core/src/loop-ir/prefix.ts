/** Facts about a `prefix`, and its combination over other values. */
import { InternalError } from "../errors/errors.ts";
import { substituteIndexVars } from "./index-expr.ts";
import type { Expr, PrefixPart, ScalarVar, Statement } from "./types.ts";
import { postOrder } from "./walk.ts";

export type Prefix = Extract<Statement, { kind: "prefix" }>;

/** How many elements a block of its order has. */
export function prefixBlock({ parts }: Prefix): 2 | 4 {
  return parts.some(({ left }) => left.type === "f64") ? 2 : 4;
}

/** `combined` of every part with values in place of the sides' parts; a part without a value is not read. */
export function combineParts(
  { parts }: Prefix,
  left: readonly (Expr | undefined)[],
  right: readonly (Expr | undefined)[],
  wanted: readonly boolean[],
): readonly (Expr | undefined)[] {
  const values = new Map<ScalarVar, Expr | undefined>();
  for (const [i, part] of parts.entries()) {
    values.set(part.left, left[i]);
    values.set(part.right, right[i]);
  }
  const roots = parts.map(({ combined }, i) => (wanted[i] === true ? combined : undefined));
  const memo = new Map<Expr, Expr>();
  for (const e of postOrder(roots.filter((e) => e !== undefined))) {
    if (e.kind !== "read" || !values.has(e.var)) continue;
    const value = values.get(e.var);
    if (value === undefined)
      throw new InternalError(`a prefix reads ${e.var.name}, which is not there`);
    memo.set(e, value);
  }
  return roots.map((e) => (e === undefined ? undefined : substituteIndexVars(e, new Map(), memo)));
}

/** By part, what is computed at all. */
export interface PrefixNeeds {
  /** Its results: they are stored, or stored ones need them on their left. */
  readonly results: readonly boolean[];
  /** What it is within a block: results begin with it, or need it on their right. */
  readonly withinBlocks: readonly boolean[];
}

export function prefixNeeds({ parts }: Prefix): PrefixNeeds {
  const readBy = (
    users: readonly boolean[],
    sides: (part: PrefixPart) => readonly ScalarVar[],
  ): readonly boolean[] => {
    const roots = parts.flatMap(({ combined }, i) => (users[i] === true ? [combined] : []));
    const read = new Set(postOrder(roots).flatMap((e) => (e.kind === "read" ? [e.var] : [])));
    return parts.map((part, i) => users[i] === true || sides(part).some((side) => read.has(side)));
  };
  const closure = (
    from: readonly boolean[],
    sides: (part: PrefixPart) => readonly ScalarVar[],
  ): readonly boolean[] => {
    const all = readBy(from, sides);
    return all.every((is, i) => is === from[i]) ? from : closure(all, sides);
  };
  const stored = parts.map(({ into }) => into.length > 0);
  const results = closure(stored, ({ left }) => [left]);
  const onTheRight = readBy(results, ({ right }) => [right]);
  return { results, withinBlocks: closure(onTheRight, ({ left, right }) => [left, right]) };
}
