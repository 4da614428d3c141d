/**
 * Assigns temporaries to slots of memory by when they are alive, once per program. How large a slot is, only a call knows: the
 * maximum of its tenants' sizes then.
 */
import { postOrder } from "../loop-ir/walk.ts";
import {
  evaluateSize,
  sizeSymbols,
  type Size,
  type SizeEnvironment,
  type SizeSymbol,
} from "../size/size.ts";
import type {
  Buffer,
  Expr,
  Index,
  IndexVar,
  LoopFunction,
  MatrixView,
  PackedView,
  Statement,
} from "../loop-ir/types.ts";

/** Buffers that share memory; no two are alive at once. */
export interface Slot {
  readonly tenants: readonly Buffer[];
}

interface Interval {
  first: number;
  last: number;
}

/**
 * Slots for every temporary of the program that `body` runs. `homes` tells the innermost loop whose single step owns a buffer. The
 * largest come first and each takes the first slot that is free while it is alive, so that a slot is as large as what it began with;
 * sizes are compared for some ordinary call.
 */
export function assignSlots(
  body: readonly Statement[],
  homes: ReadonlyMap<Buffer, IndexVar | undefined>,
): Slot[] {
  const found = [...liveIntervals(body, homes)].filter(([{ role }]) => role === "temporary");
  const sizes = ordinarySizes(found.map(([buffer]) => buffer.size));
  const bySize = found
    .map(([buffer, interval]) => ({
      buffer,
      interval,
      bytes: evaluateSize(buffer.size, sizes) * (buffer.type === "f64" ? 8 : 4),
    }))
    .sort((x, y) => y.bytes - x.bytes || x.interval.first - y.interval.first);
  const parts = new Parts(found.reduce((end, [, { last }]) => Math.max(end, last + 1), 1));
  const slots: { readonly tenants: Buffer[]; readonly taken: Interval[]; filled: number }[] = [];
  for (const { buffer, interval } of bySize) {
    const touched = parts.touchedBy(interval);
    let slot = slots.find((s) => (s.filled & touched) === 0 && !overlaps(s.taken, interval));
    if (slot === undefined) {
      slot = { tenants: [], taken: [], filled: 0 };
      slots.push(slot);
    }
    slot.tenants.push(buffer);
    slot.taken.splice(placeOf(slot.taken, interval.first), 0, interval);
    slot.filled |= parts.filledBy(interval);
  }
  return slots;
}

/** As many as a small integer has bits. */
const partCount = 30;

/** Equal parts of the program, a bit each: what fills a part overlaps all that touches it, which is quick to see of many slots. */
class Parts {
  readonly #partLength: number;

  constructor(positions: number) {
    this.#partLength = positions / partCount;
  }

  touchedBy({ first, last }: Interval): number {
    return this.#bits(Math.floor(first / this.#partLength), Math.floor(last / this.#partLength));
  }

  filledBy({ first, last }: Interval): number {
    return this.#bits(
      Math.ceil(first / this.#partLength),
      Math.floor((last + 1) / this.#partLength) - 1,
    );
  }

  #bits(from: number, to: number): number {
    return to < from ? 0 : ((1 << (to - from + 1)) - 1) << from;
  }
}

/** How many of the intervals, which are in order, begin before `position`. */
function placeOf(taken: readonly Interval[], position: number): number {
  let [low, high] = [0, taken.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((taken[middle]?.first ?? Infinity) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

function overlaps(taken: readonly Interval[], { first, last }: Interval): boolean {
  const next = placeOf(taken, first);
  return (taken[next - 1]?.last ?? -1) >= first || (taken[next]?.first ?? Infinity) <= last;
}

/** Values for all symbols: those of some call. */
function ordinarySizes(sizes: readonly Size[]): SizeEnvironment {
  const symbols = new Map<string, SizeSymbol>();
  for (const size of sizes) sizeSymbols(size, symbols);
  return new Map([...symbols.values()].map(({ key, ordinary }) => [key, ordinary ?? 100]));
}

/** From the first to the last statement that touches a buffer. What is used in a loop and owned outside of it lives through the whole loop. */
function liveIntervals(
  body: readonly Statement[],
  homes: ReadonlyMap<Buffer, IndexVar | undefined>,
): Map<Buffer, Interval> {
  const intervals = new Map<Buffer, Interval>();
  const touchedByFunction = new Map<LoopFunction, ReadonlySet<Buffer>>();
  let position = 0;
  const touch = (buffer: Buffer, first: number, last: number): void => {
    const old = intervals.get(buffer);
    if (old === undefined) intervals.set(buffer, { first, last });
    else {
      old.first = Math.min(old.first, first);
      old.last = Math.max(old.last, last);
    }
  };
  const walk = (statements: readonly Statement[]): Map<Buffer, Interval> => {
    const here = new Map<Buffer, Interval>();
    const note = (buffer: Buffer, first: number, last: number): void => {
      const old = here.get(buffer);
      here.set(buffer, {
        first: Math.min(old?.first ?? first, first),
        last: Math.max(old?.last ?? last, last),
      });
    };
    for (const statement of statements) {
      position++;
      if (statement.kind === "for") {
        const start = position;
        const inside = walk(statement.body);
        position++;
        for (const [buffer, interval] of inside) {
          if (homes.get(buffer) === statement.var) touch(buffer, interval.first, interval.last);
          else note(buffer, start, position);
        }
      } else {
        const buffers =
          statement.kind === "call"
            ? (touchedByFunction.get(statement.func) ?? touchedBy(statement.func.body))
            : touchedBy([statement]);
        if (statement.kind === "call") touchedByFunction.set(statement.func, buffers);
        for (const buffer of buffers) note(buffer, position, position);
      }
    }
    return here;
  };
  for (const [buffer, { first, last }] of walk(body)) touch(buffer, first, last);
  return intervals;
}

/** Every buffer that the statements read or write, called functions included. */
export function touchedBy(statements: readonly Statement[]): Set<Buffer> {
  const found = new Set<Buffer>();
  const seen = new Set<Expr>();
  const exprs = (...roots: readonly Expr[]): void => {
    for (const e of postOrder(roots, seen)) {
      seen.add(e);
      if (e.kind === "load") found.add(e.buffer);
    }
  };
  const index = (i: Index): void =>
    exprs(...i.terms.flatMap((t) => (t.of.kind === "indexVar" ? [] : [t.of])));
  const matrix = (view: MatrixView | PackedView): void => {
    if ("packed" in view) found.add(view.packed);
    else {
      found.add(view.buffer);
      index(view.offset);
    }
  };
  const pending: Statement[] = [...statements];
  for (let s = pending.pop(); s !== undefined; s = pending.pop()) {
    switch (s.kind) {
      case "for":
        pending.push(...s.body);
        break;
      case "let":
      case "assign":
      case "reduce":
        exprs(s.value);
        break;
      case "prefix":
        for (const { value, combined, into } of s.parts) {
          exprs(value, combined);
          for (const place of into) {
            found.add(place.buffer);
            index(place.index);
          }
        }
        break;
      case "store":
        found.add(s.buffer);
        index(s.index);
        exprs(s.value);
        break;
      case "if":
        exprs(s.cond);
        pending.push(...s.then);
        break;
      case "fail":
      case "stop":
        exprs(s.cond);
        break;
      case "call":
        pending.push(...s.func.body);
        break;
      case "matmul":
        matrix(s.a);
        matrix(s.b);
        matrix(s.c);
        if (s.scratch !== undefined) found.add(s.scratch);
        break;
      case "pack":
        matrix(s.b);
        found.add(s.into);
        break;
      case "copy":
        found.add(s.from).add(s.to);
        break;
      case "host":
        if (s.buffer !== undefined) found.add(s.buffer);
        break;
      default:
        s satisfies never;
    }
  }
  return found;
}
