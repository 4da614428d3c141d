/**
 * Which elements of a step's tensors belong to which sequence of the batch, followed through the ops from the step's inputs, whose axis
 * 0 is the batch: through transposes, reshapes, slices, products, loops inside. An element that depends on several sequences belongs to
 * each of them.
 */
import { applyOne, type Apply } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { any } from "../../ops/axes.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { ones } from "../../ops/constant.ts";
import { dimshuffle } from "../../ops/dimshuffle.ts";
import { onlyBlock } from "../../ops/block-op.ts";
import { or } from "../../ops/logic.ts";
import { movedAxes } from "../../ops/moved-axes.ts";
import { recordOf } from "../../ops/record.ts";
import { scanOp } from "../../ops/scan/scan.ts";
import { scanBlock, scanGroups, type ScanParams } from "../../ops/scan/scan-params.ts";

/** Sequences along the axes (along none: every element depends on all), or a rule that spreads `[B]` over the tensor. */
export type BatchRows =
  | { readonly kind: "axes"; readonly axes: readonly number[] }
  | { readonly kind: "spread"; readonly spread: (row: Tensor) => Tensor };

/** Axis 0 is the batch. */
export const firstAxis: BatchRows = { kind: "axes", axes: [0] };
/** Depends on the whole batch. */
export const wholeBatch: BatchRows = { kind: "axes", axes: [] };

type RowsOf = ReadonlyMap<Tensor, BatchRows>;

/** `row` `[B]` bool beside `x`: true where `row` is, for any sequence that the element belongs to. */
export function besideRows(row: Tensor, rows: BatchRows, x: Tensor): Tensor {
  if (rows.kind === "spread") return rows.spread(row);
  if (row.rank === 0) return row;
  const [first, ...more] = rows.axes.map((at) =>
    dimshuffle(
      row,
      x.shape.map((_, axis) => (axis === at ? 0 : "x")),
    ),
  );
  return first === undefined ? any(row) : more.reduce((a, b) => or(a, b), first);
}

/** The rows of all that depends on these inputs; what is not in it does not depend on them. */
export function followRows(outputs: readonly Tensor[], inputs: RowsOf): RowsOf {
  const rows = new Map(inputs);
  for (const apply of toposort(outputs, new Set(inputs.keys()))) {
    if (!apply.inputs.some((x) => rows.has(x))) continue;
    const rowsOf = throughAny(apply, rows);
    for (const [i, output] of apply.outputs.entries()) {
      const found = rowsOf(i);
      if (found !== undefined) rows.set(output, found);
    }
  }
  return rows;
}

function throughAny(apply: Apply, rows: RowsOf): (output: number) => BatchRows | undefined {
  if (apply.op === scanOp) {
    const found = throughScan(apply, rows);
    return (i) => found[i];
  }
  if (recordOf(apply).lowering.kind === "block") {
    const found = throughBlock(apply, rows);
    return (i) => found[i];
  }
  return (i) => through(apply, i, rows);
}

function through(apply: Apply, output: number, rows: RowsOf): BatchRows {
  const moved = movedAxes(apply);
  const axes = apply.inputs.flatMap((x, i) => {
    const from = rows.get(x);
    if (from === undefined) return [];
    if (from.kind === "spread" || from.axes.length === 0) return [undefined];
    return from.axes.map((axis) => moved(i, axis, output));
  });
  const known = axes.filter((axis) => axis !== undefined);
  if (known.length === axes.length) return { kind: "axes", axes: ascending(known) };
  const { kind } = recordOf(apply).lowering;
  if (kind === "scalar") return { kind: "spread", spread: (row) => anyInput(apply, row, rows) };
  if (kind === "view" || kind === "reshape" || kind === "assemble")
    return { kind: "spread", spread: (row) => likeInputs(apply, row, rows) };
  return wholeBatch;
}

const ascending = (axes: readonly number[]): number[] => [...new Set(axes)].sort((a, b) => a - b);

/** Elementwise: true where it is for an input. */
function anyInput(apply: Apply, row: Tensor, rows: RowsOf): Tensor {
  const masks = apply.inputs.flatMap((x) => {
    const from = rows.get(x);
    return from === undefined ? [] : [besideRows(row, from, x)];
  });
  return masks.reduce((a, b) => or(a, b));
}

/** The op, which only moves elements, applied to where its inputs belong. */
function likeInputs(apply: Apply, row: Tensor, rows: RowsOf): Tensor {
  const masks = apply.inputs.map((x) => {
    const from = rows.get(x);
    return from === undefined
      ? ones(x.shape, "bool")
      : broadcastTo(besideRows(row, from, x), x.shape);
  });
  return applyOne(apply.op, masks, apply.params);
}

/** The rows of the results of an op made of others. */
function throughBlock({ op, inputs, blocks }: Apply, rows: RowsOf): (BatchRows | undefined)[] {
  const block = onlyBlock(op.name, blocks);
  const given = block.inputs.flatMap((input, i) => {
    const outer = inputs[i];
    const from = outer === undefined ? undefined : ofBlock(rows.get(outer));
    return from === undefined ? [] : [[input, from] as const];
  });
  const inside = followRows(block.outputs, new Map(given));
  return block.outputs.map((x) => ofBlock(inside.get(x)));
}

/** The rows of the results of a scan inside the step. */
function throughScan(apply: Apply, rows: RowsOf): (BatchRows | undefined)[] {
  const params = apply.params as ScanParams;
  const { outputs } = scanBlock(apply);
  const inside = followRows(outputs, scanInputRows(apply, rows));
  return [
    ...outputs.slice(0, params.carries).map((x) => inside.get(x)),
    ...outputs.map((x) => moveBy(inside.get(x), 1)),
  ];
}

/** The rows of the inputs of a scan's block. A carry belongs to what its first value belongs to, and to what its next ones do. */
export function scanInputRows(apply: Apply, rows: RowsOf): RowsOf {
  const params = apply.params as ScanParams;
  const { inputs, outputs } = scanBlock(apply);
  const given = scanGroups(params, apply.inputs);
  const own = scanGroups(params, inputs);
  const found = new Map<Tensor, BatchRows>();
  const put = (x: Tensor | undefined, from: BatchRows | undefined): boolean => {
    const old = x === undefined ? undefined : found.get(x);
    const all = joined(old, from);
    if (x === undefined || all === undefined || isEqual(all, old)) return false;
    found.set(x, all);
    return true;
  };
  for (const [i, x] of given.consts.entries()) put(own.consts[i], ofBlock(rows.get(x)));
  for (const [i, x] of given.xs.entries()) put(own.xs[i], moveBy(ofBlock(rows.get(x)), -1));
  for (const [i, x] of given.carries.entries()) put(own.carries[i], ofBlock(rows.get(x)));
  for (let changed = true; changed;) {
    const inside = followRows(outputs, found);
    const news = own.carries.map((x, i) => {
      const next = outputs[i];
      return put(x, next === undefined ? undefined : ofBlock(inside.get(next)));
    });
    changed = news.includes(true);
  }
  return found;
}

/** What can be said in every step of a loop: a rule that spreads a row may hold for one step only. */
function ofBlock(rows: BatchRows | undefined): BatchRows | undefined {
  return rows?.kind === "spread" ? wholeBatch : rows;
}

/** The rows of both: of the whole batch where one is. */
function joined(a: BatchRows | undefined, b: BatchRows | undefined): BatchRows | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.kind === "spread" || b.kind === "spread") return wholeBatch;
  if (a.axes.length === 0 || b.axes.length === 0) return wholeBatch;
  return { kind: "axes", axes: ascending([...a.axes, ...b.axes]) };
}

function isEqual(a: BatchRows, b: BatchRows | undefined): boolean {
  if (a.kind === "spread" || b?.kind !== "axes") return a === b;
  return a.axes.length === b.axes.length && a.axes.every((axis, i) => axis === b.axes[i]);
}

/** Of a tensor that has a leading axis more (1) or less (-1). */
function moveBy(rows: BatchRows | undefined, by: 1 | -1): BatchRows | undefined {
  if (rows?.kind !== "axes") return rows;
  return rows.axes.includes(0) && by < 0
    ? wholeBatch
    : { kind: "axes", axes: rows.axes.map((axis) => axis + by) };
}
