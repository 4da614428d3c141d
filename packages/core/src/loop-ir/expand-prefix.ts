/**
 * What a `prefix` means, in plain loops. The order, which fixes the rounding: r(0) = x(0); the rest goes in blocks of 4 (of 2 where a
 * part is f64), each combined in itself at distance 1, then 2, and then with the last r before it; what is left at the end goes one by
 * one.
 */
import { floorDivSizes, maxSizes, minSizes, mulSizes, subSizes } from "../size/size.ts";
import { literal, readVar, scalarVar } from "./build.ts";
import {
  addIndexes,
  constantIndex,
  indexOf,
  indexVar,
  substituteIndex,
  substituteIndexVars,
  zeroIndex,
} from "./index-expr.ts";
import { mapProgram } from "./map-program.ts";
import type { Expr, Index, Program, ScalarVar, Statement } from "./types.ts";
import { postOrder } from "./walk.ts";

export type Prefix = Extract<Statement, { kind: "prefix" }>;

/** How many elements a block has. */
export function prefixBlock({ parts }: Prefix): 2 | 4 {
  return parts.some(({ left }) => left.type === "f64") ? 2 : 4;
}

/** `combined` of every part, with values in place of the sides' parts. */
export function combineParts(
  { parts }: Prefix,
  left: readonly Expr[],
  right: readonly Expr[],
): readonly Expr[] {
  const values = new Map<ScalarVar, Expr>();
  for (const [i, part] of parts.entries()) {
    values.set(part.left, left[i] ?? part.value);
    values.set(part.right, right[i] ?? part.value);
  }
  const roots = parts.map(({ combined }) => combined);
  const memo = new Map<Expr, Expr>();
  for (const e of postOrder(roots)) {
    const value = e.kind === "read" ? values.get(e.var) : undefined;
    if (value !== undefined) memo.set(e, value);
  }
  return roots.map((e) => substituteIndexVars(e, new Map(), memo));
}

/** The statement in plain loops. */
export function expandPrefix(prefix: Prefix): Statement[] {
  const { extent, parts } = prefix;
  const block = prefixBlock(prefix);
  const rest = maxSizes(subSizes(extent, 1), 0);
  const blocks = floorDivSizes(rest, block);
  const last = parts.map(({ left }) => scalarVar("last", left.type));
  const [one, b, t] = [indexVar("first"), indexVar("block"), indexVar("t")];
  const first: Index = addIndexes(indexOf(b, block), constantIndex(1));
  const tail: Index = addIndexes(
    indexOf(t),
    constantIndex(mulSizes(blocks, block)),
    constantIndex(1),
  );
  return [
    ...last.map((v): Statement => ({ kind: "let", var: v, value: literal(v.type, 0) })),
    loop(one, minSizes(extent, 1), [
      ...assignAll(last, elementsAt(prefix, zeroIndex)),
      ...storeAll(prefix, zeroIndex, last),
    ]),
    loop(b, blocks, combineBlock(prefix, block, first, last)),
    loop(t, subSizes(rest, mulSizes(blocks, block)), [
      ...assignAll(last, combineParts(prefix, last.map(readVar), elementsAt(prefix, tail))),
      ...storeAll(prefix, tail, last),
    ]),
  ];
}

/** The block whose first element is at `first`, after `last`, which becomes its last result. */
function combineBlock(
  prefix: Prefix,
  block: number,
  first: Index,
  last: readonly ScalarVar[],
): Statement[] {
  const statements: Statement[] = [];
  const keep = (values: readonly Expr[]): readonly Expr[] =>
    values.map((value) => {
      const v = scalarVar("r", value.type);
      statements.push({ kind: "let", var: v, value });
      return readVar(v);
    });
  const places = Array.from({ length: block }, (_, k) => addIndexes(first, constantIndex(k)));
  let within = places.map((place) => keep(elementsAt(prefix, place)));
  for (let distance = 1; distance < block; distance *= 2)
    within = within.map((own, k) => {
      const before = within[k - distance];
      return before === undefined ? own : keep(combineParts(prefix, before, own));
    });
  const before = last.map(readVar);
  const results = within.map((own) => keep(combineParts(prefix, before, own)));
  for (const [k, place] of places.entries())
    statements.push(...storeValues(prefix, place, results[k] ?? []));
  statements.push(...assignAll(last, results.at(-1) ?? []));
  return statements;
}

function loop(
  v: ReturnType<typeof indexVar>,
  extent: Prefix["extent"],
  body: readonly Statement[],
): Statement {
  return { kind: "for", var: v, extent, parallel: false, body };
}

function elementsAt({ index, parts }: Prefix, at: Index): readonly Expr[] {
  const [places, memo] = [new Map([[index, at]]), new Map<Expr, Expr>()];
  return parts.map(({ value }) => substituteIndexVars(value, places, memo));
}

/** Each variable its value; all values are taken before any variable changes. */
function assignAll(vars: readonly ScalarVar[], values: readonly Expr[]): Statement[] {
  const taken = values.map((value) => scalarVar("next", value.type));
  return [
    ...taken.flatMap((v, i): Statement[] => {
      const value = values[i];
      return value === undefined ? [] : [{ kind: "let", var: v, value }];
    }),
    ...vars.flatMap((v, i): Statement[] => {
      const value = taken[i];
      return value === undefined ? [] : [{ kind: "assign", var: v, value: readVar(value) }];
    }),
  ];
}

const storeAll = (prefix: Prefix, at: Index, vars: readonly ScalarVar[]): Statement[] =>
  storeValues(prefix, at, vars.map(readVar));

function storeValues({ index, parts }: Prefix, at: Index, values: readonly Expr[]): Statement[] {
  const places = new Map([[index, at]]);
  return parts.flatMap(({ into }, i) =>
    into.flatMap((place): Statement[] => {
      const value = values[i];
      return value === undefined
        ? []
        : [
            {
              kind: "store",
              buffer: place.buffer,
              index: substituteIndex(place.index, places),
              value,
            },
          ];
    }),
  );
}

/** The program with plain loops in place of every `prefix` for which `isKept` does not hold. */
export function expandPrefixes(
  program: Program,
  isKept: (prefix: Prefix) => boolean = () => false,
): Program {
  return mapProgram(
    program,
    (e) => e,
    (s) => (s.kind === "prefix" && !isKept(s) ? expandPrefix(s) : [s]),
  );
}
