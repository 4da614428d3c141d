/**
 * The gradient of scan is scan, in the other direction.
 *
 * One backward step replays a forward step from the carry saved at its entry and the same rows of xs, pulls the cotangents of
 * its results back, and adds what reaches the consts to accumulators. Its carries are the cotangents of the forward carries and
 * these accumulators; its ys are the cotangents of xs.
 */
import { isFloating } from "../../graph/dtype.ts";
import type { Apply, GradientContext } from "../../graph/op.ts";
import { freshLike, inlineBlock } from "../../graph/rebuild.ts";
import { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { present } from "../arity.ts";
import { liveFixpoint } from "./live.ts";
import { silenced } from "./silence.ts";
import { padRows, registersAfter, sliceRows, truncationWindow } from "./truncate.ts";
import {
  scanBlock,
  scanGroups,
  scanResults,
  type MakeScan,
  type ScanParams,
} from "./scan-params.ts";

/** A fresh input for one step's row of the cotangent rows `rows`. */
function rowOf(rows: Tensor): Tensor {
  return new Tensor({ dtype: rows.dtype, shape: rows.shape.slice(1) }, { kind: "input" });
}

/** Cotangents of all inputs of a scan (consts, initial carries, xs) from those of its results. */
export function scanVjp(
  context: GradientContext,
  apply: Apply<ScanParams>,
  cotangents: readonly (Tensor | undefined)[],
  wanted: readonly boolean[],
  makeScan: MakeScan,
): (Tensor | undefined)[] {
  const { params } = apply;
  const given = scanResults(params, cotangents);
  const inputs = scanGroups(params, apply.inputs);
  const wants = scanGroups(params, wanted);
  const { saved } = scanResults(params, apply.outputs);

  // One step, written anew over fresh inputs, with an input for the cotangent of each result.
  const block = scanBlock(apply);
  const args = block.inputs.map((input) => freshLike(input));
  const outputs = inlineBlock(block, args);
  const step = scanGroups(params, args);
  const carryCotangents = step.carries.map((c) => (isFloating(c.dtype) ? freshLike(c) : undefined));
  const savedRows = given.saved.map((rows) => (rows === undefined ? undefined : rowOf(rows)));
  const yRows = given.ys.map((rows) => (rows === undefined ? undefined : rowOf(rows)));
  const pull = (live: readonly boolean[]): readonly (Tensor | undefined)[] =>
    context.pullback(
      outputs,
      [...carryCotangents.map((c, i) => (live[i] === true ? c : undefined)), ...yRows],
      args,
    );
  const live = liveFixpoint(
    given.final.map((c, i) => c !== undefined || given.saved[i] !== undefined),
    (now) => scanGroups(params, pull(now)).carries.map((c) => c !== undefined),
  );
  const pulled = scanGroups(params, pull(live));

  const liveCarries = step.carries.flatMap((carry, i) => {
    const cotangent = carryCotangents[i];
    const initial = inputs.carries[i];
    if (live[i] !== true || cotangent === undefined || initial === undefined) return [];
    const sum = [pulled.carries[i], savedRows[i]].filter((c) => c !== undefined);
    const [x, y] = sum;
    return [
      {
        i,
        cotangent,
        begins: given.final[i] ?? context.zeros(initial),
        leaves: x === undefined ? context.zeros(carry) : y === undefined ? x : context.add(x, y),
      },
    ];
  });
  const accumulators = step.consts.flatMap((input, i) => {
    const contribution = pulled.consts[i];
    const outer = inputs.consts[i];
    if (wants.consts[i] !== true || contribution === undefined || outer === undefined) return [];
    const sum = freshLike(input);
    return [{ i, sum, begins: context.zeros(outer), leaves: context.add(sum, contribution) }];
  });
  const xCotangents = step.xs.flatMap((_, i) => {
    const row = pulled.xs[i];
    return wants.xs[i] === true && row !== undefined ? [{ i, row }] : [];
  });
  if (liveCarries.length + accumulators.length + xCotangents.length === 0) return [];

  const window = truncationWindow(params);
  const cut = (rows: Tensor): Tensor =>
    window === undefined ? rows : sliceRows(rows, window.start, window.length);
  const result = makeScan(
    {
      name: `grad_of_${params.name ?? "scan"}`,
      length: window?.length ?? params.length,
      reverse: !params.reverse,
      truncate: undefined,
      shifts: [],
      ...(params.checkpoint === true ? { checkpoint: true } : {}),
      ...(params.memory === undefined ? {} : { memory: params.memory }),
    },
    {
      consts: inputs.consts,
      carries: [...liveCarries, ...accumulators].map((c) => c.begins),
      xs: [...saved, ...inputs.xs, ...present(given.saved), ...present(given.ys)].map(cut),
    },
    {
      inputs: [
        ...step.consts,
        ...liveCarries.map((c) => c.cotangent),
        ...accumulators.map((a) => a.sum),
        ...step.carries,
        ...step.xs,
        ...present(savedRows),
        ...present(yRows),
      ],
      outputs: silenced(
        [
          ...liveCarries.map((c) => c.leaves),
          ...accumulators.map((a) => a.leaves),
          ...xCotangents.map((x) => x.row),
        ],
        new Set(toposort(outputs)),
      ),
    },
  );

  const gradients: (Tensor | undefined)[] = apply.inputs.map(() => undefined);
  const initial: (Tensor | undefined)[] = step.carries.map(() => undefined);
  for (const [k, { i }] of liveCarries.entries()) initial[i] = result.final[k];
  const atStart =
    window === undefined
      ? initial
      : registersAfter(context, params.shifts, initial, window.skipped);
  for (const [i, cotangent] of atStart.entries()) gradients[params.consts + i] = cotangent;
  for (const [k, { i }] of accumulators.entries())
    gradients[i] = result.final[liveCarries.length + k];
  for (const [k, { i }] of xCotangents.entries()) {
    const rows = result.ys[k];
    if (rows !== undefined)
      gradients[params.consts + params.carries + i] =
        window === undefined ? rows : padRows(rows, window.start, params.length);
  }
  return gradients;
}
