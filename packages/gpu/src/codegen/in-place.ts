/**
 * New values of shared variables where the old ones lie. A program computes them beside the old values and copies them at its end, so that
 * all are made of old ones; where nothing reads an old value afterwards, and what makes the new one reads the old one at the very element
 * that it replaces, the copy is spared.
 */
import {
  postOrder,
  statementBody,
  statementExprs,
  statementIndexes,
  type Buffer,
  type Expr,
  type Index,
  type Program,
  type Statement,
} from "@scan-train/core/backend-kit";
import type { HostNode, HostProgram, Piece } from "./pieces.ts";

export interface InPlace {
  /** New values by the variable that they are written to at once. */
  readonly aliases: ReadonlyMap<Buffer, Buffer>;
  /** Pieces that write variables: they must do nothing where a call has failed. */
  readonly writers: ReadonlySet<Piece>;
  readonly entries: HostProgram["entries"];
}

interface Placed {
  readonly piece: Piece;
  /** A loop and all in it have one place. */
  readonly at: number;
  readonly inLoop: boolean;
  readonly accesses: Accesses;
}

/** `failing`: whether a piece may find that the call fails. */
export function keepInPlace(
  { buffers }: Program,
  { entries }: HostProgram,
  names: { readonly run: string; readonly commit: string },
  failing: (piece: Piece) => boolean,
): InPlace {
  const run = placed(entries.get(names.run) ?? []);
  const commit = entries.get(names.commit) ?? [];
  const lastFailure = Math.max(
    -1,
    ...run.filter(({ piece }) => failing(piece)).map(({ at }) => at),
  );
  const outputs = new Set(buffers.filter(({ role }) => role === "output"));
  const aliases = new Map<Buffer, Buffer>();
  const writers = new Set<Piece>();
  const left = commit.filter((node) => {
    const copy = copyOf(node);
    if (copy === undefined || outputs.has(copy.from)) return true;
    const writer = soleWriter(run, copy.from);
    if (writer === undefined || writer.at <= lastFailure) return true;
    if (!readsOldFirst(run, writer, copy.from, copy.to)) return true;
    aliases.set(copy.from, copy.to);
    writers.add(writer.piece);
    return false;
  });
  return { aliases, writers, entries: new Map([...entries, [names.commit, left]]) };
}

/** A whole array that is copied into a variable. */
function copyOf(node: HostNode): { readonly from: Buffer; readonly to: Buffer } | undefined {
  if (node.kind !== "dispatch" || node.piece.work.kind !== "matrix") return undefined;
  const { statement: s } = node.piece.work;
  if (s.kind !== "copy" || s.from.role !== "temporary" || s.to.role !== "shared") return undefined;
  const isWhole = [s.fromOffset, s.toOffset].every(
    ({ terms, offset }) => terms.length === 0 && offset.constant === 0,
  );
  return isWhole && s.size.equals(s.from.size) && s.size.equals(s.to.size) ? s : undefined;
}

function placed(nodes: readonly HostNode[]): readonly Placed[] {
  const found: Placed[] = [];
  let at = 0;
  const walk = (list: readonly HostNode[], inLoop: boolean): void => {
    for (const node of list) {
      if (!inLoop) at++;
      if (node.kind === "dispatch")
        found.push({ piece: node.piece, at, inLoop, accesses: accessesOf(node.piece) });
      else walk(node.body, inLoop || node.kind === "loop");
    }
  };
  walk(nodes, false);
  return found;
}

interface Accesses {
  readonly loads: ReadonlyMap<Buffer, readonly Index[]>;
  readonly stores: ReadonlyMap<Buffer, readonly Index[]>;
  /** Buffers of products and copies, of which no single elements are known. */
  readonly whole: ReadonlySet<Buffer>;
}

function accessesOf({ work }: Piece): Accesses {
  const loads = new Map<Buffer, Index[]>();
  const stores = new Map<Buffer, Index[]>();
  const whole = new Set<Buffer>();
  const note = (map: Map<Buffer, Index[]>, buffer: Buffer, index: Index): void =>
    void map.set(buffer, [...(map.get(buffer) ?? []), index]);
  const seen = new Set<Expr>();
  const exprs = (roots: readonly Expr[]): void => {
    for (const e of postOrder(roots, seen)) {
      seen.add(e);
      if (e.kind === "load") note(loads, e.buffer, e.index);
    }
  };
  const queue: Statement[] =
    work.kind === "statements"
      ? [...work.body]
      : work.kind === "open" || work.kind === "close"
        ? []
        : [work.statement];
  if (work.kind === "close") exprs([work.cond]);
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    exprs(statementExprs(s));
    for (const { terms } of statementIndexes(s))
      exprs(terms.flatMap(({ of }) => (of.kind === "indexVar" ? [] : [of])));
    if (s.kind === "store") note(stores, s.buffer, s.index);
    if (s.kind === "matmul") {
      whole.add(s.a.buffer).add(s.c.buffer);
      whole.add("packed" in s.b ? s.b.packed : s.b.buffer);
    }
    if (s.kind === "pack") whole.add(s.b.buffer).add(s.into);
    if (s.kind === "copy") whole.add(s.from).add(s.to);
    if (s.kind === "call") queue.push(...s.func.body);
    queue.push(...statementBody(s));
  }
  return { loads, stores, whole };
}

const touches = ({ loads, stores, whole }: Accesses, buffer: Buffer): boolean =>
  loads.has(buffer) || stores.has(buffer) || whole.has(buffer);

/** The piece outside of loops that alone writes an array, element by element. */
function soleWriter(run: readonly Placed[], buffer: Buffer): Placed | undefined {
  const writing = run.filter(
    ({ accesses }) => accesses.stores.has(buffer) || accesses.whole.has(buffer),
  );
  const [writer] = writing;
  if (writing.length !== 1 || writer === undefined || writer.inLoop) return undefined;
  const { accesses, piece } = writer;
  if (accesses.whole.has(buffer) || piece.work.kind !== "statements") return undefined;
  return piece.guard === undefined && accesses.loads.get(buffer) === undefined ? writer : undefined;
}

/** True when the old value is read before the writer runs, or by it at the element that it writes. */
function readsOldFirst(
  run: readonly Placed[],
  writer: Placed,
  value: Buffer,
  variable: Buffer,
): boolean {
  const [index, ...more] = writer.accesses.stores.get(value) ?? [];
  if (index === undefined || more.length > 0) return false;
  const key = keyOf(index);
  return run.every((other) => {
    if (!touches(other.accesses, variable)) return true;
    if (other !== writer) return other.at < writer.at;
    const { loads, stores, whole } = other.accesses;
    const own = loads.get(variable) ?? [];
    return !stores.has(variable) && !whole.has(variable) && own.every((i) => keyOf(i) === key);
  });
}

const places = new WeakMap<object, number>();
let known = 0;

/** Equal for indices that are the same by their text. */
function keyOf({ terms, offset }: Index): string {
  const numberOf = (of: object): number => {
    const number = places.get(of) ?? known++;
    places.set(of, number);
    return number;
  };
  const parts = terms.map(({ coef, of }) => `${coef.key}*${numberOf(of)}`).sort();
  return [...parts, offset.key].join(" + ");
}
