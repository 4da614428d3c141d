/**
 * Elementwise kernels in which an invocation makes four neighbours of a row: what lies side by side is read and written as a vector, what
 * holds for a whole row is computed once. Real GPUs move such bytes in fewer instructions; the arithmetic of each element stays as it is,
 * and so does every bit.
 */
import {
  exprOperands,
  floorDivSizes,
  mulSizes,
  postOrder,
  statementExprs,
  statementIndexes,
  type Buffer,
  type Expr,
  type Index,
  type IndexVar,
  type ScalarVar,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";
import { Block } from "./block.ts";
import type { Grid } from "./grid.ts";
import type { KernelStyle } from "./kernel-scope.ts";
import { isMultiple } from "./matrix.ts";

interface Axis {
  readonly var: IndexVar;
  readonly extent: Size;
}
type Let = Extract<Statement, { kind: "let" }>;
type Store = Extract<Statement, { kind: "store" }>;

const width = 4;
const lanes = Array.from({ length: width }, (_, q) => q);
/** With fewer elements a device has more invocations to spare than they need. */
const fewest = 16384;

/** Undefined where the work is not elementwise along the last axis, or its rows are no multiple of four. */
export function quadGrid(
  axes: readonly Axis[],
  body: readonly Statement[],
  facts: readonly Statement[],
  { aliases, inMemory }: KernelStyle,
): Grid | undefined {
  const last = axes.at(-1);
  const work = letsAndStores(body);
  if (inMemory || last === undefined || work === undefined) return undefined;
  const { lets, stores } = work;
  const elements = mulSizes(...axes.map(({ extent }) => extent)).constant ?? Infinity;
  if (elements < fewest || !isMultiple(last.extent, width)) return undefined;
  const loads = postOrder(body.flatMap(rootsOf)).filter((e) => e.kind === "load");
  const written = new Set(stores.map(({ buffer }) => buffer));
  if (written.size < stores.length || loads.some(({ buffer }) => written.has(buffer)))
    return undefined;
  const placeOf = (buffer: Buffer): Buffer => aliases.get(buffer) ?? buffer;
  const varying = varyingIn(lets, last.var);
  const scalar = new Set<Buffer>();
  for (const { buffer, index } of [...loads, ...stores])
    if (!liesSideBySide(index, last.var, varying)) scalar.add(placeOf(buffer));
  if (stores.some(({ buffer }) => scalar.has(placeOf(buffer)))) return undefined;
  const vectors = loads.filter(({ buffer }) => !scalar.has(placeOf(buffer)));
  return {
    axes: axes.map(({ var: { name }, extent }, i) => ({
      name,
      extent: i === axes.length - 1 ? floorDivSizes(extent, width) : extent,
    })),
    facts,
    workgroup: 64,
    write(block, at) {
      axes.slice(0, -1).forEach((axis, i) => block.know(axis.var, at[i] ?? "0"));
      const first = block.kernel.names.fresh("first");
      block.lines.add(`let ${first} = ${width} * ${at.at(-1) ?? "0"};`);
      const isOnce = (e: Expr): boolean => !varying.exprs.has(e);
      const once = lets.filter(({ value }) => isOnce(value));
      for (const s of once) block.declare(s.var, block.value(s.value));
      for (const e of varying.exprs)
        for (const operand of exprOperands(e)) if (isOnce(operand)) block.hold(operand);
      const quad = within(block, last.var, at.at(-1) ?? "0");
      const vectorAt = (buffer: Buffer, index: Index): string =>
        quad.kernel.vector(buffer, quad.index(quarter(index, last.var)));
      const vectorOf = new Map(
        vectors.map((e) => {
          const name = block.kernel.names.fresh(`${e.buffer.name}_4`);
          const text = vectorAt(e.buffer, e.index);
          block.lines.add(`let ${name} = ${text};`);
          return [e, name] as const;
        }),
      );
      const values = lanes.map((q) => {
        const lane = within(block, last.var, q === 0 ? first : `(${first} + ${q})`);
        for (const [e, name] of vectorOf) lane.know(e, lane.asValue(e.buffer, `${name}[${q}]`));
        for (const s of lets) if (!once.includes(s)) lane.declare(s.var, lane.value(s.value));
        return stores.map((s) => lane.asStored(s.buffer, lane.value(s.value)));
      });
      stores.forEach(({ buffer, index }, i) => {
        const parts = values.map((lane) => lane[i] ?? "");
        block.lines.add(`${vectorAt(buffer, index)} = vec4(${parts.join(", ")});`);
      });
    },
  };
}

/** The same braces, with a place along the axis. */
function within(block: Block, axis: IndexVar, at: string): Block {
  const inner = new Block(block.kernel, block.lines, block.facts, block);
  inner.know(axis, at);
  return inner;
}

/** Where a vector lies among vectors, for the number of the quad along the axis. */
const quarter = ({ terms, offset }: Index, axis: IndexVar): Index => ({
  terms: terms.map(({ coef, of }) => ({
    coef: of === axis ? coef : floorDivSizes(coef, width),
    of,
  })),
  offset: floorDivSizes(offset, width),
});

const rootsOf = (s: Statement): readonly Expr[] => [
  ...statementExprs(s),
  ...statementIndexes(s).flatMap(operandsOf),
];
const operandsOf = ({ terms }: Index): readonly Expr[] =>
  terms.flatMap(({ of }) => (of.kind === "indexVar" ? [] : [of]));

/** All values before all that is written: what is written may then lie where something is read. */
function letsAndStores(
  body: readonly Statement[],
): { readonly lets: readonly Let[]; readonly stores: readonly Store[] } | undefined {
  const lets = body.filter((s) => s.kind === "let");
  const stores = body.filter((s) => s.kind === "store");
  const inOrder = [...lets, ...stores].every((s, i) => s === body[i]);
  return inOrder && lets.length + stores.length === body.length ? { lets, stores } : undefined;
}

interface Varying {
  readonly exprs: ReadonlySet<Expr>;
  readonly vars: ReadonlySet<ScalarVar>;
}

/** What differs from element to element along an axis. */
function varyingIn(body: readonly Statement[], axis: IndexVar): Varying {
  const exprs = new Set<Expr>();
  const vars = new Set<ScalarVar>();
  const seen = new Set<Expr>();
  for (const s of body) {
    for (const e of postOrder(rootsOf(s), seen)) {
      seen.add(e);
      const own = e.kind === "load" || e.kind === "position" ? e.index.terms : [];
      const varies =
        own.some(({ of }) => of === axis) ||
        (e.kind === "read" && vars.has(e.var)) ||
        exprOperands(e).some((x) => exprs.has(x));
      if (varies) exprs.add(e);
    }
    if (s.kind === "let" && exprs.has(s.value)) vars.add(s.var);
  }
  return { exprs, vars };
}

/** True where the elements of four neighbours, the first at a multiple of four, lie so, too. */
function liesSideBySide({ terms, offset }: Index, axis: IndexVar, { exprs }: Varying): boolean {
  const along = terms.filter(({ of }) => of === axis);
  const others = terms.filter(({ of }) => of !== axis);
  return (
    along.length === 1 &&
    along.every(({ coef }) => coef.constant === 1) &&
    isMultiple(offset, width) &&
    others.every(
      ({ coef, of }) => isMultiple(coef, width) && (of.kind === "indexVar" || !exprs.has(of)),
    )
  );
}
