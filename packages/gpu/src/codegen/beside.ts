/**
 * Loops that go in order over rows, and write the elements of a row side by side: as in adding rows of gradients to the rows of a table
 * that ids choose. Where the same element of every row lies at the same place of a row, an invocation can take that element of all rows,
 * in their order, without ever meeting another invocation.
 */
import {
  ifStatement,
  postOrder,
  statementExprs,
  statementIndexes,
  type Buffer,
  type Expr,
  type Index,
  type IndexVar,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";

type For = Extract<Statement, { kind: "for" }>;

export interface Beside {
  /** The axes of a row, outermost first. */
  readonly axes: readonly For[];
  /** What one invocation does, for its place along the axes. */
  readonly body: readonly Statement[];
}

/** Undefined where it cannot be proved that invocations would not meet. */
export function besideOf(body: readonly Statement[]): Beside | undefined {
  const [outermost] = body;
  if (body.length !== 1 || outermost?.kind !== "for" || outermost.parallel) return undefined;
  const axes: For[] = [];
  const inside = withoutNest(body, axes);
  if (inside === undefined || axes.length === 0) return undefined;
  const innermost = axes.at(-1);
  return innermost !== undefined && neverMeet(inside, axes) ? { axes, body: inside } : undefined;
}

/** The statements with the body of the one parallel nest in place of the nest. */
function withoutNest(body: readonly Statement[], axes: For[]): readonly Statement[] | undefined {
  const inside: Statement[] = [];
  for (const s of body) {
    if (s.kind === "fail" || s.kind === "let") inside.push(s);
    else if (axes.length > 0) return undefined;
    else if (s.kind === "for" && !s.parallel) {
      const inner = withoutNest(s.body, axes);
      if (inner === undefined) return undefined;
      inside.push({ ...s, body: inner });
    } else if (s.kind === "if") {
      const inner = withoutNest(s.then, axes);
      if (inner === undefined) return undefined;
      inside.push(ifStatement(s.cond, inner));
    } else if (s.kind === "for") {
      let nest: readonly Statement[] = [s];
      for (let [f] = nest; nest.length === 1 && f?.kind === "for" && f.parallel; [f] = nest) {
        axes.push(f);
        nest = f.body;
      }
      if (!nest.every(({ kind }) => kind === "let" || kind === "store")) return undefined;
      inside.push(...nest);
    } else return undefined;
  }
  return inside;
}

/** True when every access to what is written is at (a multiple of the row's length) + (the place in the row). */
function neverMeet(body: readonly Statement[], axes: readonly For[]): boolean {
  const extents = axes.map(({ extent }) => extent.constant);
  if (!extents.every((extent) => extent !== undefined)) return false;
  const strides = new Map<IndexVar, number>();
  let row = 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i];
    if (axis !== undefined) strides.set(axis.var, row);
    row *= extents[i] ?? 1;
  }
  const { written, accesses } = accessesOf(body);
  const isAligned = (size: Size): boolean =>
    row > 0 && size.terms.every(({ coef }) => coef % row === 0);
  return accesses.every(({ buffer, index }) => {
    if (!written.has(buffer)) return true;
    const own = new Map(strides);
    for (const { coef, of } of index.terms) {
      const stride = of.kind === "indexVar" ? own.get(of) : undefined;
      if (stride === undefined) {
        if (!isAligned(coef)) return false;
      } else if (of.kind === "indexVar") {
        if (coef.constant !== stride) return false;
        own.delete(of);
      }
    }
    const missing = [...own.keys()].some((v) => extentOf(axes, v) !== 1);
    return !missing && isAligned(index.offset);
  });
}

const extentOf = (axes: readonly For[], v: IndexVar): number | undefined =>
  axes.find((axis) => axis.var === v)?.extent.constant;

function accessesOf(body: readonly Statement[]): {
  readonly written: ReadonlySet<Buffer>;
  readonly accesses: readonly { readonly buffer: Buffer; readonly index: Index }[];
} {
  const written = new Set<Buffer>();
  const accesses: { buffer: Buffer; index: Index }[] = [];
  const seen = new Set<Expr>();
  const queue = [...body];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    if (s.kind === "store") {
      written.add(s.buffer);
      accesses.push({ buffer: s.buffer, index: s.index });
    }
    if (s.kind === "for") queue.push(...s.body);
    if (s.kind === "if") queue.push(...s.then);
    const inIndexes = statementIndexes(s).flatMap(({ terms }) =>
      terms.flatMap(({ of }) => (of.kind === "indexVar" ? [] : [of])),
    );
    for (const e of postOrder([...statementExprs(s), ...inIndexes], seen)) {
      seen.add(e);
      if (e.kind === "load") accesses.push({ buffer: e.buffer, index: e.index });
    }
  }
  return { written, accesses };
}
