/** Drops carries, ys, consts and xs of scans that nothing needs, and merges equal ones. */
import type { Tensor } from "../graph/tensor.ts";
import { leavesOf } from "../graph/walk.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph, type Uses } from "./rewrite-graph.ts";
import {
  closeScan,
  isScan,
  openScan,
  resultsOf,
  substituteInside,
  type Bound,
  type ScanDraft,
} from "./scan-draft.ts";

export const pruneScans: Pass = {
  name: "prune scans",
  loopsOnly: true,
  run: (results) =>
    rewriteGraph(results, (apply, inputs, uses) => {
      if (!isScan(apply)) return undefined;
      const replaced = new Map<Tensor, Tensor>();
      const opened = openScan(apply, inputs);
      const draft = prune(mergeBound(constantCarries(opened, replaced)), uses);
      if (isAsLarge(draft, opened)) return undefined;
      for (const [old, now] of closeScan(draft).replaced) replaced.set(old, now);
      return resultsOf(apply, replaced);
    }),
};

/** True when nothing was dropped or merged: then the scan stays what it is. */
const isAsLarge = (draft: ScanDraft, opened: ScanDraft): boolean =>
  draft.consts.length === opened.consts.length &&
  draft.carries.length === opened.carries.length &&
  draft.xs.length === opened.xs.length &&
  draft.ys.length === opened.ys.length &&
  new Set(draft.ys.map((y) => y.row)).size === draft.ys.length;

/** A carry that leaves as it enters is a const. */
function constantCarries(draft: ScanDraft, replaced: Map<Tensor, Tensor>): ScanDraft {
  const constant = draft.carries.filter((c) => c.leaves === c.input);
  if (constant.length === 0) return draft;
  for (const carry of constant) {
    if (carry.final !== undefined) replaced.set(carry.final, carry.initial);
    if (carry.saved !== undefined)
      replaced.set(carry.saved, broadcastTo(carry.initial, carry.saved.shape));
  }
  return {
    ...draft,
    params: { ...draft.params, shifts: [] },
    consts: [...draft.consts, ...constant.map((c) => ({ input: c.input, outer: c.initial }))],
    carries: draft.carries.filter((c) => c.leaves !== c.input),
  };
}

/** Block inputs that stand for the same tensor become one. */
function mergeBound(draft: ScanDraft): ScanDraft {
  const replacements = new Map<Tensor, Tensor>();
  const merge = (list: readonly Bound[]): Bound[] => {
    const first = new Map<Tensor, Tensor>();
    return list.filter(({ input, outer }) => {
      const known = first.get(outer);
      if (known === undefined) first.set(outer, input);
      else replacements.set(input, known);
      return known === undefined;
    });
  };
  const [consts, xs] = [merge(draft.consts), merge(draft.xs)];
  return replacements.size === 0 ? draft : substituteInside({ ...draft, consts, xs }, replacements);
}

function prune(draft: ScanDraft, uses: Uses): ScanDraft {
  const used = (tensor: Tensor | undefined): boolean => tensor !== undefined && uses.isUsed(tensor);
  const ys = draft.ys.filter((y) => y.rows === undefined || used(y.rows));
  let carries = draft.carries.filter((c) => used(c.final) || used(c.saved));
  for (;;) {
    const needed = new Set(leavesOf([...ys.map((y) => y.row), ...carries.map((c) => c.leaves)]));
    const more = draft.carries.filter((c) => carries.includes(c) || needed.has(c.input));
    if (more.length === carries.length) {
      const kept = {
        ...draft,
        ys,
        carries: more,
        consts: draft.consts.filter((c) => needed.has(c.input)),
        xs: draft.xs.filter((x) => needed.has(x.input)),
      };
      return more.length === draft.carries.length
        ? kept
        : { ...kept, params: { ...kept.params, shifts: [] } };
    }
    carries = more;
  }
}
