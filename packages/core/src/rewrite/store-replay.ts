/**
 * Store or replay: a gradient loop computes again what the forward step computed. Where that is dear (contractions, exp, tanh and
 * their kin, counted as 20 flops), the forward loop stores the value as rows of its own and the gradient loop reads them; cheap
 * elementwise work is replayed. What is stored changes speed and memory, never a bit.
 */
import type { Apply } from "../graph/op.ts";
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { recordOf } from "../ops/record.ts";
import type { ScanParams } from "../ops/scan/scan-params.ts";
import { ValueNumbers } from "./value-numbers.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteBlocks, rewriteGraph } from "./rewrite-graph.ts";
import {
  closeScan,
  isScan,
  openScan,
  resultsOf,
  rowInput,
  substituteInside,
  type Bound,
  type ScanDraft,
} from "./scan-draft.ts";

/** Rows that a scan is to give in addition: [row inside its block, the gradient loop's equal tensors]. */
interface Request {
  readonly forward: Apply<ScanParams>;
  /** From tensors of the gradient loop's block to equal tensors of the forward block. */
  readonly rows: ReadonlyMap<Tensor, Tensor>;
}

export const storeForGradient: Pass = {
  name: "store what gradients would replay dearly",
  loopsOnly: true,
  run: storeLevel,
};

function storeLevel(given: readonly Tensor[]): Tensor[] {
  const results = rewriteBlocks(given, storeLevel);
  const requests = new Map<Apply, Request[]>();
  const wantedRows = new Map<Apply, Set<Tensor>>();
  for (const backward of toposort(results)) {
    if (!isScan(backward)) continue;
    for (const forward of forwardScansOf(backward)) {
      if (forward.params.checkpoint === true) continue;
      const rows = replayed(backward, forward);
      if (rows.size === 0) continue;
      requests.set(backward, [...(requests.get(backward) ?? []), { forward, rows }]);
      const wanted = wantedRows.get(forward) ?? new Set<Tensor>();
      for (const row of rows.values()) wanted.add(row);
      wantedRows.set(forward, wanted);
    }
  }
  if (requests.size === 0) return results;
  const stored = new Map<Apply, ReadonlyMap<Tensor, Tensor>>();
  return rewriteGraph(results, (apply, inputs) => {
    if (!isScan(apply)) return undefined;
    const wanted = wantedRows.get(apply);
    const asked = requests.get(apply);
    if (wanted === undefined && asked === undefined) return undefined;
    let draft = openScan(apply, inputs);
    for (const request of asked ?? [])
      draft = readStored(draft, request, stored.get(request.forward) ?? new Map());
    const news = [...(wanted ?? [])];
    const closed = closeScan({
      ...draft,
      ys: [...draft.ys, ...news.map((row) => ({ row, rows: undefined }))],
    });
    stored.set(
      apply,
      new Map(news.map((row, i) => [row, closed.rows[draft.ys.length + i] ?? row])),
    );
    return resultsOf(apply, closed.replaced);
  });
}

/** Scans whose saved carries or rows a scan reads. */
function forwardScansOf(backward: Apply<ScanParams>): Set<Apply<ScanParams>> {
  const found = new Set<Apply<ScanParams>>();
  for (const input of openScan(backward, backward.inputs).xs) {
    const owner = ownerOf(input.outer);
    if (owner !== undefined && isScan(owner) && owner.params.length.equals(backward.params.length))
      found.add(owner);
  }
  return found;
}

/** Dear tensors of the gradient loop's step that the forward step computes as well. */
function replayed(backward: Apply<ScanParams>, forward: Apply<ScanParams>): Map<Tensor, Tensor> {
  const [b, f] = [openScan(backward, backward.inputs), openScan(forward, forward.inputs)];
  const numbers = new ValueNumbers();
  const same = (own: readonly Bound[], others: readonly Bound[]): void => {
    const byOuter = new Map(others.map(({ input, outer }) => [outer, input]));
    for (const { input, outer } of own) {
      const twin = byOuter.get(outer);
      if (twin !== undefined) numbers.set(input, numbers.of(twin));
    }
  };
  // The whole of a tensor in one loop is no row of it in the other.
  same(b.consts, f.consts);
  same(b.xs, [
    ...f.xs,
    ...f.carries.flatMap(({ input, saved }) =>
      saved === undefined ? [] : [{ input, outer: saved }],
    ),
  ]);
  const forwardTensors = new Map<string, Tensor>();
  const ids = new Map<string, number>();
  const number = (
    outputs: readonly Tensor[],
    seen: (tensor: Tensor, key: string) => void,
  ): void => {
    for (const apply of toposort(outputs)) {
      const structure = numbers.ofApply(apply);
      const id = ids.get(structure) ?? ids.size;
      ids.set(structure, id);
      for (const [i, output] of apply.outputs.entries()) {
        numbers.set(output, `a${id}.${i}`);
        seen(output, `a${id}.${i}`);
      }
    }
  };
  number(
    outputsOf(f),
    (tensor, key) => void (forwardTensors.has(key) || forwardTensors.set(key, tensor)),
  );
  const twins = new Map<Tensor, Tensor>();
  number(outputsOf(b), (tensor, key) => {
    const twin = forwardTensors.get(key);
    if (twin !== undefined) twins.set(tensor, twin);
  });
  return frontier(outputsOf(b), twins, new Set(f.carries.map((c) => c.leaves)));
}

const outputsOf = (draft: ScanDraft): Tensor[] => [
  ...draft.carries.map((c) => c.leaves),
  ...draft.ys.map((y) => y.row),
];

/** The dear twins that the walk from the outputs meets first. What the forward loop keeps anyway is read, not replayed. */
function frontier(
  outputs: readonly Tensor[],
  twins: ReadonlyMap<Tensor, Tensor>,
  kept: ReadonlySet<Tensor>,
): Map<Tensor, Tensor> {
  const rows = new Map<Tensor, Tensor>();
  const seen = new Set<Tensor>();
  const pending = [...outputs];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const apply = ownerOf(tensor);
    if (apply === undefined) continue;
    const twin = twins.get(tensor);
    const { cost } = recordOf(apply);
    if (twin !== undefined && (kept.has(twin) || cost === "transcendental" || cost === "expensive"))
      rows.set(tensor, twin);
    else pending.push(...apply.inputs);
  }
  return rows;
}

function readStored(
  draft: ScanDraft,
  request: Request,
  stored: ReadonlyMap<Tensor, Tensor>,
): ScanDraft {
  const replacements = new Map<Tensor, Tensor>();
  const xs = [...draft.xs];
  for (const [tensor, row] of request.rows) {
    const outer = stored.get(row);
    if (outer === undefined) continue;
    const input = rowInput(outer);
    xs.push({ input, outer });
    replacements.set(tensor, input);
  }
  return substituteInside({ ...draft, xs }, replacements);
}
