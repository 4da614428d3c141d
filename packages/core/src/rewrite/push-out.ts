/**
 * Push out: results of a step that are not fed back (an output layer, cotangents of inputs) are computed for all steps at once after
 * the loop, where they contain a contraction or do not depend on the state; a loop that feeds nothing back disappears.
 */
import type { Apply } from "../graph/op.ts";
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { recordOf } from "../ops/record.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { isMovable, Mover } from "./batch.ts";
import type { Pass } from "./pipeline.ts";
import type { Uses } from "./rewrite-graph.ts";
import { closeScan, type DraftY, type ScanDraft } from "./scan-draft.ts";
import { scanPass } from "./scan-pass.ts";

export const pushOut: Pass = scanPass("push out what is not fed back", push);

function push(draft: ScanDraft, uses: Uses): Map<Tensor, Tensor> | undefined {
  const fedBack = new Set(toposort(draft.carries.map((c) => c.leaves)));
  const pushed = draft.ys.filter(
    (y) => y.rows !== undefined && uses.isUsed(y.rows) && isWorthPushing(y.row, fedBack, draft),
  );
  if (pushed.length === 0) return undefined;

  // Rows of what the pushed work needs from inside the loop.
  const needed = frontierOf(
    pushed.map((y) => y.row),
    fedBack,
    draft,
  );
  const kept = draft.ys.filter((y) => !pushed.includes(y));
  const entering = new Set(draft.carries.map((c) => c.input));
  const news: DraftY[] = [...needed]
    .filter((row) => !entering.has(row))
    .map((row) => ({ row, rows: undefined }));
  const closed = closeScan({ ...draft, ys: [...kept, ...news] });
  const mover = Mover.of(draft);
  for (const row of needed) {
    const saved = closed.saved.get(row);
    if (saved !== undefined) mover.add(row, { tensor: saved, batched: true });
  }
  for (const [i, { row }] of news.entries()) {
    const rows = closed.rows[kept.length + i];
    if (rows !== undefined) mover.add(row, { tensor: rows, batched: true });
  }
  const replaced = new Map(closed.replaced);
  for (const { row, rows } of pushed) {
    if (rows === undefined) continue;
    const { tensor, batched } = mover.move(row);
    replaced.set(rows, batched ? tensor : broadcastTo(tensor, rows.shape));
  }
  return replaced;
}

/** The applications under `row` that nothing fed back needs. */
function outside(row: Tensor, fedBack: ReadonlySet<Apply>): Apply[] {
  return toposort([row]).filter((apply) => !fedBack.has(apply));
}

function isWorthPushing(row: Tensor, fedBack: ReadonlySet<Apply>, draft: ScanDraft): boolean {
  const work = outside(row, fedBack);
  if (!work.every(isMovable)) return false;
  const needs = frontierOf([row], fedBack, draft);
  return needs.size === 0 || work.some((apply) => recordOf(apply).cost === "expensive");
}

/** Carries and fed-back results that the pushed work reads. */
function frontierOf(
  rows: readonly Tensor[],
  fedBack: ReadonlySet<Apply>,
  draft: ScanDraft,
): Set<Tensor> {
  const carryInputs = new Set(draft.carries.map((c) => c.input));
  const found = new Set<Tensor>();
  const visit = (tensor: Tensor): void => {
    const owner = ownerOf(tensor);
    if (carryInputs.has(tensor) || (owner !== undefined && fedBack.has(owner))) found.add(tensor);
  };
  for (const row of rows) {
    visit(row);
    for (const apply of outside(row, fedBack)) for (const input of apply.inputs) visit(input);
  }
  return found;
}
