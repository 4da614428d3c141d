/**
 * The forward derivative of scan: the same loop with tangents beside the carries and xs. Of a truncated scan it is the transpose of
 * the truncated gradient: a loop over the last steps only, which replays them from the saved carries; before them every tangent is 0.
 */
import { isFloating } from "../../graph/dtype.ts";
import type { Apply, GradientContext } from "../../graph/op.ts";
import { freshLike, inlineBlock } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { present } from "../arity.ts";
import { liveFixpoint } from "./live.ts";
import {
  scanBlock,
  scanGroups,
  scanResults,
  type MakeScan,
  type ScanParams,
} from "./scan-params.ts";
import { silenced } from "./silence.ts";
import { padRows, registersBefore, sliceRows, truncationWindow } from "./truncate.ts";

/** Tangents of all results of a scan (final, saved, ys) from those of its inputs. */
export function scanJvp(
  context: GradientContext,
  apply: Apply<ScanParams>,
  tangents: readonly (Tensor | undefined)[],
  makeScan: MakeScan,
): (Tensor | undefined)[] {
  const { params } = apply;
  const block = scanBlock(apply);
  const inputs = scanGroups(params, apply.inputs);
  const given = scanGroups(params, tangents);
  const window = truncationWindow(params);
  const entering =
    window === undefined
      ? given.carries
      : registersBefore(context, params.shifts, given.carries, window.skipped);

  const args = block.inputs.map((input) => freshLike(input));
  const outputs = inlineBlock(block, args);
  const groups = scanGroups(params, args);
  const tangentOf = (x: Tensor, has: boolean): Tensor | undefined =>
    has && isFloating(x.dtype)
      ? freshLike(x, x.name === undefined ? undefined : `d ${x.name}`)
      : undefined;
  const constTangents = groups.consts.map((x, i) => tangentOf(x, given.consts[i] !== undefined));
  const xTangents = groups.xs.map((x, i) => tangentOf(x, given.xs[i] !== undefined));
  const carryTangents = groups.carries.map((x) => tangentOf(x, true));
  const push = (live: readonly boolean[]): readonly (Tensor | undefined)[] =>
    context.pushforward(outputs, args, [
      ...constTangents,
      ...carryTangents.map((t, i) => (live[i] === true ? t : undefined)),
      ...xTangents,
    ]);

  const live = liveFixpoint(
    entering.map((t) => t !== undefined),
    (now) =>
      push(now)
        .slice(0, params.carries)
        .map((t) => t !== undefined),
  );
  const pushed = push(live);
  const liveCarries = groups.carries.flatMap((carry, i) => {
    const initial = inputs.carries[i];
    const tangent = carryTangents[i];
    if (live[i] !== true || tangent === undefined || initial === undefined) return [];
    const begins = entering[i] ?? context.zeros(initial);
    return [{ i, tangent, begins, leaves: pushed[i] ?? context.zeros(outputs[i] ?? carry) }];
  });
  const ysTangents = pushed.slice(params.carries);
  if (liveCarries.length === 0 && present(ysTangents).length === 0) return [];

  const consts = {
    outer: [
      ...inputs.consts,
      ...present(given.consts.map((t, i) => (constTangents[i] === undefined ? undefined : t))),
    ],
    inner: [...groups.consts, ...present(constTangents)],
  };
  const xs = {
    outer: [
      ...inputs.xs,
      ...present(given.xs.map((t, i) => (xTangents[i] === undefined ? undefined : t))),
    ],
    inner: [...groups.xs, ...present(xTangents)],
  };
  const begins = liveCarries.map((c) => c.begins);
  const entered = liveCarries.map((c) => c.tangent);
  const leaves = [...liveCarries.map((c) => c.leaves), ...present(ysTangents)];
  const silent = (results: readonly Tensor[]): readonly Tensor[] =>
    silenced(results, new Set(toposort(outputs)));
  const name = params.name === undefined ? undefined : `tangent_of_${params.name}`;
  const result =
    window === undefined
      ? makeScan(
          { ...params, name },
          { consts: consts.outer, carries: [...inputs.carries, ...begins], xs: xs.outer },
          {
            inputs: [...consts.inner, ...groups.carries, ...entered, ...xs.inner],
            outputs: silent([...outputs.slice(0, params.carries), ...leaves]),
          },
        )
      : makeScan(
          { name, length: window.length, reverse: params.reverse, truncate: undefined, shifts: [] },
          {
            consts: consts.outer,
            carries: begins,
            xs: [...scanResults(params, apply.outputs).saved, ...xs.outer].map((rows) =>
              sliceRows(rows, window.start, window.length),
            ),
          },
          {
            inputs: [...consts.inner, ...entered, ...groups.carries, ...xs.inner],
            outputs: silent(leaves),
          },
        );

  const first = window === undefined ? params.carries : 0;
  const whole = (rows: Tensor | undefined): Tensor | undefined =>
    rows === undefined || window === undefined ? rows : padRows(rows, window.start, params.length);
  const pick = (rows: readonly Tensor[]): (Tensor | undefined)[] =>
    groups.carries.map((_, i) => {
      const place = liveCarries.findIndex((c) => c.i === i);
      return place < 0 ? undefined : rows[first + place];
    });
  let nextY = 0;
  return [
    ...pick(result.final),
    ...pick(result.saved).map(whole),
    ...ysTangents.map((t) => (t === undefined ? undefined : whole(result.ys[nextY++]))),
  ];
}
