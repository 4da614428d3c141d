/** Slots of memory, against the plainest rule that gives the same: each buffer takes the first slot that is free while it is alive. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ifStatement, literal } from "../../src/loop-ir/build.ts";
import { constantIndex } from "../../src/loop-ir/index-expr.ts";
import type { Buffer, Statement } from "../../src/loop-ir/types.ts";
import { assignSlots } from "../../src/lower/storage.ts";
import { constantSize } from "../../src/size/size.ts";

interface Lifetime {
  readonly first: number;
  readonly last: number;
  readonly size: number;
}

const store = (buffer: Buffer): Statement => ({
  kind: "store",
  buffer,
  index: constantIndex(0),
  value: literal("f32", 1),
});

/** Statements that touch each buffer where its life begins and where it ends, and one that touches none at every other place. */
function programOf(lives: readonly Lifetime[], buffers: readonly Buffer[]): Statement[] {
  const nothing: Statement = { kind: "fail", cond: literal("bool", false), code: 1 };
  const end = Math.max(...lives.map(({ last }) => last));
  return Array.from({ length: end + 1 }, (_, position): Statement => {
    const touched = buffers.filter((_buffer, i) =>
      [lives[i]?.first, lives[i]?.last].includes(position),
    );
    return touched.length === 0 ? nothing : ifStatement(literal("bool", true), touched.map(store));
  });
}

function firstFit(lives: readonly Lifetime[]): number[][] {
  const order = [...lives.keys()].sort((a, b) => {
    const [x, y] = [lives[a], lives[b]];
    // What begins in one statement is found in the opposite order of its stores.
    return (y?.size ?? 0) - (x?.size ?? 0) || (x?.first ?? 0) - (y?.first ?? 0) || b - a;
  });
  const slots: number[][] = [];
  const together = (a: number, b: number): boolean => {
    const [x, y] = [lives[a], lives[b]];
    return x !== undefined && y !== undefined && x.first <= y.last && y.first <= x.last;
  };
  for (const life of order) {
    const free = slots.find((tenants) => !tenants.some((other) => together(life, other)));
    if (free === undefined) slots.push([life]);
    else free.push(life);
  }
  return slots;
}

const lifetime = fc
  .tuple(fc.nat(99), fc.nat(99), fc.integer({ min: 1, max: 3 }))
  .map(([a, b, size]): Lifetime => ({ first: Math.min(a, b), last: Math.max(a, b), size }));

test("every temporary lies in the first slot that is free while it is alive", () => {
  fc.assert(
    fc.property(fc.array(lifetime, { minLength: 1, maxLength: 40 }), (lives) => {
      const buffers = lives.map(({ size }, i): Buffer => ({
        id: i,
        name: `b${i}`,
        type: "f32",
        size: constantSize(size),
        role: "temporary",
      }));
      const slots = assignSlots(programOf(lives, buffers), new Map());
      expect(slots.map(({ tenants }) => tenants.map((b) => buffers.indexOf(b)))).toEqual(
        firstFit(lives),
      );
    }),
    { numRuns: 300 },
  );
});
