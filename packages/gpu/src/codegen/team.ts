/**
 * Kernels whose workgroups work together on a row: they share out its elements, fold what each has found in memory that they share, in a
 * fixed tree, and wait for each other. Real GPUs are quick at that; software is not.
 */
import {
  ceilDivSizes,
  constantSize,
  mulSizes,
  type IndexVar,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";
import type { Block } from "./block.ts";
import { requireType, traitOf } from "./device-traits.ts";
import { partsOf, type Fold, type Part } from "./fold-pattern.ts";
import type { Grid } from "./grid.ts";
import { bare } from "./lines.ts";
import { writeIdentity } from "./literals.ts";
import { writeBinary } from "./scalar-ops.ts";
import { writeStatements } from "./statements.ts";

interface Axis {
  readonly var: IndexVar;
  readonly extent: Size;
}

const team = 128;
/** Neighbours of a column team: they read neighbouring elements. */
const columns = 16;
const columnTeam = columns * 16;
/** Shorter folds are one invocation's. */
const shortest = 64;

const isLong = ({ axes }: Fold): boolean => {
  const { constant } = mulSizes(...axes.map((axis) => axis.extent));
  return constant === undefined || constant >= shortest;
};

/** The grid of a body inside of `axes`, where teams are worth their while. */
export function teamGrid(
  axes: readonly Axis[],
  body: readonly Statement[],
  facts: readonly Statement[],
): Grid | undefined {
  const parts = partsOf(body);
  const folds = (parts ?? []).flatMap((part) => (part.kind === "fold" ? [part.fold] : []));
  if (parts === undefined || !folds.some(isLong)) return undefined;
  const last = axes.at(-1);
  const inColumns =
    last !== undefined &&
    (last.extent.constant ?? Infinity) >= columns &&
    folds.every(({ order }) => order === "blocks") &&
    !parts.some((part) => part.kind === "loop");
  return inColumns ? columnGrid(axes, last, parts, facts) : rowGrid(axes, parts, facts);
}

function rowGrid(axes: readonly Axis[], parts: readonly Part[], facts: readonly Statement[]): Grid {
  const all = axes.length === 0 ? [{ name: "all", extent: constantSize(1) }] : named(axes);
  return {
    axes: all,
    facts,
    workgroup: team,
    workgroups: mulSizes(...all.map((axis) => axis.extent)),
    write(block, at, local) {
      axes.forEach((axis, i) => block.know(axis.var, at[i] ?? "0"));
      const lane = block.kernel.names.fresh("lane");
      block.lines.add(`let ${lane} = i32(${local});`);
      const place = { lane, first: lane, stride: String(team), size: team, distance: 1 };
      writeParts(parts, block, place, `${lane} == 0`);
    },
  };
}

function columnGrid(
  axes: readonly Axis[],
  last: Axis,
  parts: readonly Part[],
  facts: readonly Statement[],
): Grid {
  const rows = axes.slice(0, -1);
  const all = [...named(rows), { name: "tile", extent: ceilDivSizes(last.extent, columns) }];
  return {
    axes: all,
    facts,
    workgroup: columnTeam,
    workgroups: mulSizes(...all.map((axis) => axis.extent)),
    write(block, at, local) {
      rows.forEach((axis, i) => block.know(axis.var, at[i] ?? "0"));
      const { names } = block.kernel;
      const [lane, wanted, column, first] = [
        names.fresh("lane"),
        names.fresh("wanted"),
        names.fresh(last.var.name),
        names.fresh("first"),
      ];
      const extent = block.kernel.size(last.extent);
      block.lines.add(
        `let ${lane} = i32(${local});`,
        `let ${wanted} = ${columns} * ${at.at(-1) ?? "0"} + ${lane} % ${columns};`,
        `let ${column} = min(${wanted}, ${extent} - 1);`,
        `let ${first} = ${lane} / ${columns};`,
      );
      block.know(last.var, column);
      const place = { lane, first, stride: "16", size: columnTeam, distance: columns };
      writeParts(parts, block, place, `${first} == 0 && ${wanted} < ${extent}`);
    },
  };
}

const named = (axes: readonly Axis[]): Grid["axes"] =>
  axes.map((axis) => ({ name: axis.var.name, extent: axis.extent }));

/** Where an invocation stands in its team. */
interface TeamPlace {
  readonly lane: string;
  /** Its first element, and how far it is to its next. */
  readonly first: string;
  readonly stride: string;
  /** Invocations of the workgroup. */
  readonly size: number;
  /** From one partner of a fold to the next. */
  readonly distance: number;
}

/** `stores`: the condition under which an invocation stores what all have found. */
function writeParts(parts: readonly Part[], block: Block, place: TeamPlace, stores: string): void {
  for (const part of parts) {
    if (part.kind === "fold") writeFold(part.fold, block, place);
    else if (part.kind === "loop") {
      writeShared(part.loop, block, place);
      block.lines.add("storageBarrier();");
    } else if (part.statement.kind === "let" || part.statement.kind === "assign")
      writeStatements([part.statement], block);
    else {
      const { statement } = part;
      block.nest(`if (${stores})`, (inner) => writeStatements([statement], inner));
      block.lines.add("storageBarrier();");
    }
  }
}

function writeShared(
  loop: Extract<Statement, { kind: "for" }>,
  block: Block,
  { first, stride }: TeamPlace,
): void {
  const name = block.kernel.names.fresh(loop.var.name);
  const end = block.kernel.size(loop.extent);
  block.nest(`for (var ${name} = ${first}; ${name} < ${end}; ${name} += ${stride})`, (inner) => {
    inner.know(loop.var, name);
    writeStatements(loop.body, inner);
  });
}

/** Each invocation folds its elements; then the team folds what it has found. */
function writeFold(fold: Fold, block: Block, place: TeamPlace): void {
  const { kernel, lines } = block;
  const { result, axes, op } = fold;
  const type = requireType(result.type, `the fold "${result.name}"`);
  const combine = (x: string, y: string): string => bare(writeBinary(op, type, [x, y], kernel.use));
  const [part, element, found] = [
    kernel.names.fresh(`${result.name}_part`),
    kernel.names.fresh("element"),
    kernel.names.fresh(`${result.name}_found`),
  ];
  const total = mulSizes(...axes.map((axis) => axis.extent));
  lines.add(`var ${part} = ${writeIdentity(op, type, kernel.use)};`);
  const head = `for (var ${element} = ${place.first}; ${element} < ${kernel.size(total)}; ${element} += ${place.stride})`;
  block.nest(head, (inner) => {
    axes.forEach((axis, i) => {
      const below = mulSizes(...axes.slice(i + 1).map((other) => other.extent));
      const row = below.constant === 1 ? element : `${element} / ${kernel.divisor(below)}`;
      const at = i === 0 ? row : `${row} % ${kernel.divisor(axis.extent)}`;
      inner.know(axis.var, at === element ? element : `(${at})`);
    });
    const value = inner.value(fold.value);
    inner.lines.add(`${part} = ${combine(part, value)};`);
  });
  kernel.workgroupVars.push(
    `var<workgroup> ${found}: array<${traitOf(result.type).scalar}, ${place.size}>;`,
  );
  const { lane, distance, size } = place;
  lines.add(`${found}[${lane}] = ${part};`, "workgroupBarrier();");
  for (let half = size / 2; half >= distance; half /= 2) {
    const both = combine(`${found}[${lane}]`, `${found}[${lane} + ${half}]`);
    lines.add(`if (${lane} < ${half}) { ${found}[${lane}] = ${both}; }`, "workgroupBarrier();");
  }
  block.declare(result, distance === 1 ? `${found}[0]` : `${found}[${lane} % ${distance}]`);
}
