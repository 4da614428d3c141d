/** A scan taken apart, so that passes can add, drop and replace parts, and put together again. */
import { InternalError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import { rebuild } from "../graph/rebuild.ts";
import { Tensor } from "../graph/tensor.ts";
import { makeScan, scanOp } from "../ops/scan/scan.ts";
import { scanBlock, scanGroups, scanResults, type ScanParams } from "../ops/scan/scan-params.ts";

/** A block input and the tensor outside that it stands for: the same at every step, or row t of it. */
export interface Bound {
  readonly input: Tensor;
  readonly outer: Tensor;
}
export interface DraftCarry {
  readonly input: Tensor;
  readonly initial: Tensor;
  readonly leaves: Tensor;
  /** What the graph calls the results of this carry. */
  readonly final: Tensor | undefined;
  readonly saved: Tensor | undefined;
}
export interface DraftY {
  /** The row, inside the block. */
  readonly row: Tensor;
  /** What the graph calls the rows; undefined for new ones. */
  readonly rows: Tensor | undefined;
}
export interface ScanDraft {
  readonly params: ScanParams;
  readonly consts: readonly Bound[];
  readonly carries: readonly DraftCarry[];
  readonly xs: readonly Bound[];
  readonly ys: readonly DraftY[];
}

export function isScan(apply: Apply): apply is Apply<ScanParams> {
  return apply.op === scanOp;
}

/** @throws INTERNAL where there is none */
export function entry<T>(list: readonly T[], i: number): T {
  const found = list[i];
  if (found === undefined) throw new InternalError(`a scan has no entry ${i}`);
  return found;
}

/** The parts of a scan whose inputs have become `inputs`. */
export function openScan(apply: Apply<ScanParams>, inputs: readonly Tensor[]): ScanDraft {
  const { params } = apply;
  const block = scanBlock(apply);
  const outer = scanGroups(params, inputs);
  const inner = scanGroups(params, block.inputs);
  const results = scanResults(params, apply.outputs);
  return {
    params,
    consts: inner.consts.map((input, i) => ({ input, outer: entry(outer.consts, i) })),
    carries: inner.carries.map((input, i) => ({
      input,
      initial: entry(outer.carries, i),
      leaves: entry(block.outputs, i),
      final: results.final[i],
      saved: results.saved[i],
    })),
    xs: inner.xs.map((input, i) => ({ input, outer: entry(outer.xs, i) })),
    ys: block.outputs.slice(params.carries).map((row, i) => ({ row, rows: results.ys[i] })),
  };
}

/** What stands for the results that the graph knows, by old result. `news` are the rows of new ys, in order. */
export interface Closed {
  readonly replaced: ReadonlyMap<Tensor, Tensor>;
  readonly rows: readonly Tensor[];
  /** The rows of every carry at its entry into a step, by the block's input. */
  readonly saved: ReadonlyMap<Tensor, Tensor>;
}

/** Builds the scan of a draft. Nothing is built when nothing is left. */
export function closeScan(draft: ScanDraft): Closed {
  const replaced = new Map<Tensor, Tensor>();
  if (draft.carries.length === 0 && draft.ys.length === 0)
    return { replaced, rows: [], saved: new Map() };
  const rowsInside = [...new Set(draft.ys.map((y) => y.row))];
  const { name, length, reverse, truncate, checkpoint, memory, part } = draft.params;
  const shifts = draft.params.shifts.filter(
    ([from, to]) => from < draft.carries.length && to < draft.carries.length,
  );
  const made = makeScan(
    {
      name,
      length,
      reverse,
      truncate,
      shifts,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(memory === undefined ? {} : { memory }),
      ...(part === undefined ? {} : { part }),
    },
    {
      consts: draft.consts.map((c) => c.outer),
      carries: draft.carries.map((c) => c.initial),
      xs: draft.xs.map((x) => x.outer),
    },
    {
      inputs: [...draft.consts, ...draft.carries, ...draft.xs].map((b) => b.input),
      outputs: [...draft.carries.map((c) => c.leaves), ...rowsInside],
    },
  );
  const rows = draft.ys.map((y) => entry(made.ys, rowsInside.indexOf(y.row)));
  for (const [i, carry] of draft.carries.entries()) {
    if (carry.final !== undefined) replaced.set(carry.final, entry(made.final, i));
    if (carry.saved !== undefined) replaced.set(carry.saved, entry(made.saved, i));
  }
  for (const [i, y] of draft.ys.entries())
    if (y.rows !== undefined) replaced.set(y.rows, entry(rows, i));
  return {
    replaced,
    rows,
    saved: new Map(draft.carries.map((carry, i) => [carry.input, entry(made.saved, i)])),
  };
}

/** The replacements in the order of an application's results. */
export function resultsOf(
  apply: Apply,
  replaced: ReadonlyMap<Tensor, Tensor>,
): (Tensor | undefined)[] {
  return apply.outputs.map((output) => replaced.get(output));
}

/** The draft with tensors of its block replaced. */
export function substituteInside(
  draft: ScanDraft,
  replacements: ReadonlyMap<Tensor, Tensor>,
): ScanDraft {
  const old = [...draft.carries.map((c) => c.leaves), ...draft.ys.map((y) => y.row)];
  const fresh = rebuild(old, new Map(replacements));
  return {
    ...draft,
    carries: draft.carries.map((c, i) => ({ ...c, leaves: fresh[i] ?? c.leaves })),
    ys: draft.ys.map((y, i) => ({ ...y, row: fresh[draft.carries.length + i] ?? y.row })),
  };
}

/** A block input for rows of `outer`. */
export function rowInput(outer: Tensor): Tensor {
  return new Tensor(
    { dtype: outer.dtype, shape: outer.shape.slice(1) },
    { kind: "input" },
    outer.name,
  );
}
