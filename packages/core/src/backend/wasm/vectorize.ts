/** Decides which loops run several iterations at once in SIMD lanes. */
import type { Expr, Index, IndexVar, Statement } from "../../loop-ir/types.ts";
import { allStatements, postOrder, statementExprs } from "../../loop-ir/walk.ts";
import type { Size } from "../../size/size.ts";
import type { Dependency } from "./dependence.ts";
import type { Lanes } from "./scope.ts";
import { varies } from "./expressions.ts";
import { laneStride } from "./vector-memory.ts";

type For = Extract<Statement, { kind: "for" }>;
type Reduce = Extract<Statement, { kind: "reduce" }>;

/** A loop alone decides its lanes. */
const knownLanes = new WeakMap<For, { readonly lanes: Lanes | undefined }>();

/** The lanes of a parallel loop, or undefined when it must run one iteration after the other. */
export function lanesOfLoop(loop: For): Lanes | undefined {
  if (!loop.parallel) return undefined;
  const found = knownLanes.get(loop) ?? { lanes: findLanes(loop) };
  knownLanes.set(loop, found);
  return found.lanes;
}

function findLanes(loop: For): Lanes | undefined {
  const statements = allStatements(loop.body);
  if (!statements.every(isSimple)) return undefined;
  const exprs = exprsOf(statements);
  const lanes = lanesFor(loop.var, statements, exprs);
  const declared = new Set(
    statements.flatMap((s) => (s.kind === "let" || s.kind === "reduce" ? [s.var] : [])),
  );
  const nested = statements.some((s) => s.kind === "for" || s.kind === "reduce");
  for (const s of statements) {
    if (s.kind === "assign" && !declared.has(s.var)) return undefined;
    if (s.kind === "store" && !storeFits(s.index, lanes)) return undefined;
  }
  return exprs.every((e) => loadFits(e, lanes, nested)) ? lanes : undefined;
}

/**
 * True when the last, incomplete vector of a loop may be computed like the others: its lanes read at most `readAheadBytes` beyond the last
 * element.
 */
export function mayReadAhead(loop: For, lanes: Lanes): boolean {
  if (lanes.count !== 4) return false;
  const statements = allStatements(loop.body);
  const fits = (index: Index): boolean => [0, 1].includes(laneStride(index, lanes).constant ?? -1);
  return (
    statements.every((s) => s.kind !== "store" || fits(s.index)) &&
    exprsOf(statements).every((e) => e.kind !== "load" || fits(e.index))
  );
}

/** The lanes of a reduction along consecutive elements, each of which takes every second or fourth one. */
export function lanesOfReduce(reduce: Reduce): Lanes | undefined {
  const exprs = exprsOf([reduce]);
  const lanes: Lanes = {
    count: hasDoubles([reduce], exprs) ? 2 : 4,
    variable: reduce.index,
    varying: new Set(),
  };
  if (!varies(reduce.value, lanes) || !exprs.every((e) => loadFits(e, lanes, false)))
    return undefined;
  const strides = exprs.flatMap((e) =>
    e.kind === "load" ? [laneStride(e.index, lanes).constant] : [],
  );
  return strides.every((s) => s === 0 || s === 1) ? lanes : undefined;
}

/** True where every lane of a `prefix` can find its elements, and puts its results beside those of its neighbours. */
export function prefixFitsLanes(
  prefix: Extract<Statement, { kind: "prefix" }>,
  lanes: Lanes,
): boolean {
  const exprs = postOrder(statementExprs(prefix));
  return (
    (lanes.count === 2 || exprs.every((e) => e.type !== "f64")) &&
    prefix.parts.every(({ into }) => into.every(({ index }) => storeFits(index, lanes))) &&
    exprs.every((e) => loadFits(e, lanes, false))
  );
}

/** True when a loop inside, where consecutive elements are more likely, will run in lanes itself. */
export function hasInnerLanes(body: readonly Statement[]): boolean {
  return allStatements(body).some((s) => s.kind === "for" && lanesOfLoop(s) !== undefined);
}

function isSimple(s: Statement): boolean {
  return (
    s.kind === "for" ||
    s.kind === "let" ||
    s.kind === "assign" ||
    s.kind === "store" ||
    s.kind === "reduce"
  );
}

function lanesFor(
  variable: IndexVar,
  statements: readonly Statement[],
  exprs: readonly Expr[],
): Lanes {
  const varying = new Set<Dependency>();
  const lanes: Lanes = { count: hasDoubles(statements, exprs) ? 2 : 4, variable, varying };
  for (let before = -1; before !== varying.size;) {
    before = varying.size;
    for (const s of statements)
      if (
        (s.kind === "let" || s.kind === "assign" || s.kind === "reduce") &&
        varies(s.value, lanes)
      )
        varying.add(s.var);
  }
  return lanes;
}

function hasDoubles(statements: readonly Statement[], exprs: readonly Expr[]): boolean {
  const declares = statements.some((s) => {
    if (s.kind === "store") return s.buffer.type === "f64";
    return (s.kind === "let" || s.kind === "assign" || s.kind === "reduce") && s.var.type === "f64";
  });
  return declares || exprs.some((e) => e.type === "f64");
}

/** The expressions of all statements, each once: statements share them. */
function exprsOf(statements: readonly Statement[]): Expr[] {
  return postOrder(statements.flatMap(statementExprs));
}

/** Neighbours, in either direction. */
function storeFits(index: Index, lanes: Lanes): boolean {
  return isNeighbour(laneStride(index, lanes)) && dataTermsUniform(index.terms, lanes);
}

const isNeighbour = ({ constant }: Size): boolean => constant === 1 || constant === -1;

/** A position that is data must be the same in all lanes. A stride other than 0 and 1 is worth it where arithmetic follows, not where loops do. */
function loadFits(e: Expr, lanes: Lanes, nested: boolean): boolean {
  if (e.kind !== "load") return true;
  const stride = laneStride(e.index, lanes);
  return (
    dataTermsUniform(e.index.terms, lanes) &&
    (!nested || stride.constant === 0 || isNeighbour(stride))
  );
}

function dataTermsUniform(
  terms: readonly { readonly of: IndexVar | Expr }[],
  lanes: Lanes,
): boolean {
  return terms.every((t) => t.of.kind === "indexVar" || !varies(t.of, lanes));
}
