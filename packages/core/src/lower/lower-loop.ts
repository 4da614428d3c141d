/**
 * scan as a loop. A carry whose values are read later lies in a history of T + 1 rows: the row it enters a step from and the row it
 * leaves it in are neighbours, so that saved carries, results and the final value are views of one buffer and nothing is copied.
 * A carry of which only the last value counts lies in one slot, changed in place where that is safe. A loop that ends by a condition
 * has final carries only, and tests the condition at the end of each step.
 */
import { InternalError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { load } from "../loop-ir/build.ts";
import { addIndexes, constantIndex, indexOf, indexVar, scaleIndex } from "../loop-ir/index-expr.ts";
import type { Index } from "../loop-ir/types.ts";
import { scalarTypeOf } from "../ops/record.ts";
import { loopUntilOp } from "../ops/scan/loop-until.ts";
import { scanBlock, scanGroups, scanResults, type ScanParams } from "../ops/scan/scan-params.ts";
import { addSizes, subSizes } from "../size/size.ts";
import { changesInPlace } from "./in-place.ts";
import { planRegion } from "./plan.ts";
import { Region, type LoopRow } from "./region.ts";
import { denseView, rowsView, rowView, sizeProduct, type View } from "./view.ts";

interface Carry {
  readonly input: Tensor;
  readonly leaves: Tensor;
  readonly history: View | undefined;
  readonly slot: View | undefined;
  /** Where it enters step t. */
  readonly enter: View;
}

export function lowerLoop(
  region: Region,
  apply: Apply,
  lowerSteps: (region: Region) => void,
): void {
  const params = apply.params as ScanParams;
  const block = scanBlock(apply);
  const outer = scanGroups(params, apply.inputs);
  const inner = scanGroups(params, block.inputs);
  const results = scanResults(params, apply.outputs);
  const t = indexVar("t");
  const { length, reverse, name: loop = "scan" } = params;
  region.builder.loops.set(t, loop);
  const row: Index = reverse
    ? addIndexes(constantIndex(subSizes(length, 1)), indexOf(t, -1))
    : indexOf(t);
  const [enterRow, leaveRow] = reverse
    ? [addIndexes(row, constantIndex(1)), row]
    : [row, addIndexes(row, constantIndex(1))];

  const step = new Region(region.builder, {
    parent: region,
    step: t,
    rows: rowsInside(region, params, row),
  });
  for (const [i, input] of inner.consts.entries())
    bindConst(region, step, input, at(outer.consts, i));
  for (const [i, input] of inner.xs.entries())
    bindRow(region, step, input, at(outer.xs, i), row, apply);

  const stop = apply.op === loopUntilOp ? at(block.outputs, params.carries) : undefined;
  const yOutputs = stop === undefined ? block.outputs.slice(params.carries) : [];
  const isUsed = (result: Tensor | undefined): boolean =>
    result !== undefined && region.isUsed(result);
  const carries = inner.carries.map((input, j): Carry => {
    const leaves = at(block.outputs, j);
    const initial = at(outer.carries, j);
    const sharedYs = yOutputs.flatMap((y, i) =>
      y === leaves && region.isUsed(at(results.ys, i)) ? [i] : [],
    );
    const kept = isUsed(results.saved[j]) || sharedYs.length > 0;
    const name = input.name ?? `carry${j}`;
    if (kept) {
      const rows = [addSizes(length, 1), ...initial.shape];
      const history = denseView(temporary(region, `${name}_history`, initial, rows), rows);
      region.storeInto(initial, [rowView(history, constantIndex(reverse ? length : 0))]);
      return { input, leaves, history, slot: undefined, enter: rowView(history, enterRow) };
    }
    const slot = denseView(temporary(region, name, initial, initial.shape), initial.shape);
    region.storeInto(initial, [slot]);
    return { input, leaves, history: undefined, slot, enter: slot };
  });
  for (const carry of carries) step.bindView(carry.input, carry.enter);

  // Where the results of a step go.
  const ys = yOutputs.map((y, i) => {
    const rows = at(results.ys, i);
    if (!region.isUsed(rows)) return undefined;
    const twin = carries.find((c) => c.leaves === y && c.history !== undefined);
    return twin === undefined ? region.destinationsOf(rows)[0] : undefined;
  });
  const wanted = new Set<Tensor>(carries.map((c) => c.leaves));
  for (const [i, y] of yOutputs.entries()) if (ys[i] !== undefined) wanted.add(y);
  if (stop !== undefined) wanted.add(stop);
  const plan = planRegion([...wanted], new Set(block.inputs));
  const destinations = new Map<Tensor, View[]>();
  const send = (tensor: Tensor, place: View): void =>
    void destinations.set(tensor, [...(destinations.get(tensor) ?? []), place]);
  const late: { readonly from: View; readonly carry: Carry }[] = [];
  for (const carry of carries) {
    if (carry.history !== undefined) send(carry.leaves, rowView(carry.history, leaveRow));
    else if (carry.slot !== undefined && carry.leaves !== carry.input) {
      if (changesInPlace(plan, carry.input, carry.leaves)) send(carry.leaves, carry.slot);
      else {
        const from = step.temporary(carry.leaves);
        late.push({ from, carry });
        send(carry.leaves, from);
      }
    }
  }
  for (const [i, y] of yOutputs.entries()) {
    const rows = ys[i];
    if (rows !== undefined) send(y, rowView(rows, row));
  }

  const verdict = stop === undefined ? undefined : step.temporary(stop);
  if (stop !== undefined && verdict !== undefined) send(stop, verdict);

  step.begin(plan, destinations);
  lowerSteps(step);
  for (const [tensor, places] of destinations)
    if (!plan.stepOf.has(tensor)) step.copyTo(tensor, places);
  for (const { from, carry } of late)
    if (carry.slot !== undefined)
      step.body.push({
        kind: "copy",
        from: from.buffer,
        fromOffset: from.offset,
        to: carry.slot.buffer,
        toOffset: carry.slot.offset,
        size: sizeProduct(from.shape),
      });
  if (verdict !== undefined)
    step.body.push({ kind: "stop", cond: load(verdict.buffer, verdict.offset) });
  region.body.push({ kind: "for", var: t, extent: length, parallel: false, body: step.body });

  for (const [j, carry] of carries.entries()) {
    const { history, slot } = carry;
    const final =
      history === undefined ? slot : rowView(history, constantIndex(reverse ? 0 : length));
    if (final !== undefined && region.isUsed(at(results.final, j)))
      region.finish(at(results.final, j), final);
    if (history !== undefined && isUsed(results.saved[j]))
      region.finish(at(results.saved, j), rowsView(history, reverse ? 1 : 0, length));
  }
  for (const [i, y] of yOutputs.entries()) {
    const rows = at(results.ys, i);
    if (!region.isUsed(rows)) continue;
    const twin = carries.find((c) => c.leaves === y && c.history !== undefined)?.history;
    const made =
      ys[i] ?? (twin === undefined ? undefined : rowsView(twin, reverse ? 0 : 1, length));
    if (made === undefined) throw new InternalError("rows without a place");
    region.finish(rows, made);
  }
}

/** What a step works on, in the words of the user's loops: a chunk says nothing itself, its steps are counted from the first of all. */
function rowsInside(
  region: Region,
  { name: loop = "scan", part }: ScanParams,
  row: Index,
): readonly LoopRow[] {
  const [chunk] = part?.kind === "chunk" ? region.rows.slice(-1) : [];
  if (chunk !== undefined)
    return [...region.rows.slice(0, -1), { loop, row: addIndexes(chunk.row, row) }];
  if (part?.kind === "rest")
    return [...region.rows, { loop, row: addIndexes(constantIndex(part.first), row) }];
  const first = part?.kind === "chunks" ? scaleIndex(row, part.chunks.steps) : row;
  return [...region.rows, { loop, row: first }];
}

function at<T>(list: readonly T[], i: number): T {
  const entry = list[i];
  if (entry === undefined) throw new InternalError(`a scan has no entry ${i} of ${list.length}`);
  return entry;
}

function temporary(
  region: Region,
  name: string,
  like: Tensor,
  shape: readonly (typeof like.shape)[number][],
): View["buffer"] {
  const buffer = region.builder.buffer(
    name,
    scalarTypeOf[like.dtype],
    sizeProduct(shape),
    "temporary",
  );
  region.builder.setHome(buffer, region.loops.at(-1));
  return buffer;
}

function bindConst(region: Region, step: Region, input: Tensor, outer: Tensor): void {
  const view = region.viewOf(outer);
  if (view === undefined)
    step.bindElements(input, (index) => region.puller().element(outer, index));
  else {
    step.bindView(input, view);
    step.outer.set(input, outer);
  }
}

function bindRow(
  region: Region,
  step: Region,
  input: Tensor,
  rows: Tensor,
  row: Index,
  apply: Apply,
): void {
  const view = region.viewOf(rows);
  if (view === undefined)
    step.bindElements(input, (index) => region.puller().element(rows, [row, ...index]));
  else {
    step.bindView(input, rowView(view, row));
    const mine =
      region.soleUser(rows) === apply && region.plan.stepOf.has(rows) && region.ownsPlace(rows);
    if (mine) step.donated.add(input);
  }
}
