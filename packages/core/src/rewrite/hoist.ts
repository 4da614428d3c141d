/**
 * Hoist: what a step computes from consts alone is computed once, and products of rows of xs are computed for all steps at once
 * before the loop, when the loop keeps rows anyway: a loop of which only the last state counts runs in flat memory. Cheap elementwise
 * work on rows stays inside, where it costs no memory.
 */
import { ownerOf, type Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { recordOf } from "../ops/record.ts";
import { closedUnder, isMovable, Mover } from "./batch.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph } from "./rewrite-graph.ts";
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
import { freshLike } from "../graph/rebuild.ts";

export const hoist: Pass = {
  name: "hoist what does not depend on the state",
  loopsOnly: true,
  run: (results) =>
    rewriteGraph(results, (apply, inputs, uses) => {
      if (!isScan(apply)) return undefined;
      const outside = new Map<Tensor, Tensor>();
      const draft = openScan(apply, inputs);
      const hoisted = hoistFrom(
        draft,
        outside,
        apply.params.checkpoint !== true &&
          (draft.ys.length > 0 ||
            draft.carries.some((c) => c.saved !== undefined && uses.isUsed(c.saved))),
      );
      if (hoisted === draft) return undefined;
      return resultsOf(apply, new Map([...closeScan(hoisted).replaced, ...outside]));
    }),
};

const worthOnce = (apply: Apply): boolean =>
  recordOf(apply).cost !== "view" && apply.inputs.some((x) => x.origin.kind !== "constant");
const worthForAll = (apply: Apply): boolean => recordOf(apply).cost === "expensive";

/** The draft without what can be outside; `outside` receives rows that need no loop at all. */
function hoistFrom(draft: ScanDraft, outside: Map<Tensor, Tensor>, keepsRows: boolean): ScanDraft {
  const outputs = [...draft.carries.map((c) => c.leaves), ...draft.ys.map((y) => y.row)];
  const constInputs = new Set(draft.consts.map((c) => c.input));
  const rowInputs = new Set([...constInputs, ...draft.xs.map((x) => x.input)]);
  const once = closedUnder(
    outputs,
    (leaf) => constInputs.has(leaf),
    (apply) => isMovable(apply),
  );
  const forAll = closedUnder(
    outputs,
    (leaf) => rowInputs.has(leaf),
    (apply) => isMovable(apply),
  );
  const mover = Mover.of(draft);
  const replacements = new Map<Tensor, Tensor>();
  const consts: Bound[] = [...draft.consts];
  const xs: Bound[] = [...draft.xs];
  const order = toposort(outputs);
  const usersInside = new Map<Tensor, Apply[]>();
  for (const apply of order)
    for (const input of apply.inputs)
      usersInside.set(input, [...(usersInside.get(input) ?? []), apply]);
  // The last invariant result of each chain becomes a const; dear results of rows become rows.
  for (const apply of order) {
    const [output] = apply.outputs;
    if (output === undefined) continue;
    const leavesChain =
      outputs.includes(output) || (usersInside.get(output) ?? []).some((user) => !once.has(user));
    if (once.has(apply) && worthOnce(apply) && leavesChain) {
      const { tensor } = mover.move(output);
      const input = freshLike(output);
      consts.push({ input, outer: tensor });
      replacements.set(output, input);
    } else if (keepsRows && forAll.has(apply) && !once.has(apply) && worthForAll(apply)) {
      const { tensor, batched } = mover.move(output);
      if (!batched) continue;
      const input = rowInput(tensor);
      xs.push({ input, outer: tensor });
      replacements.set(output, input);
    }
  }
  const ys = draft.ys.filter(({ row, rows }) => {
    const owner = ownerOf(row);
    if (
      owner === undefined ||
      rows === undefined ||
      once.has(owner) ||
      !forAll.has(owner) ||
      draft.params.checkpoint === true
    )
      return true;
    outside.set(rows, mover.move(row).tensor);
    return false;
  });
  if (replacements.size === 0 && ys.length === draft.ys.length) return draft;
  return substituteInside({ ...draft, consts, xs, ys }, replacements);
}
