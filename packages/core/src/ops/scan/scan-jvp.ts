/** The forward derivative of scan: the same loop with tangents beside the carries and xs. */
import { UnsupportedError } from "../../errors/errors.ts";
import { isFloating } from "../../graph/dtype.ts";
import type { Apply, GradientContext } from "../../graph/op.ts";
import { freshLike, inlineBlock } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { liveFixpoint } from "./live.ts";
import { scanBlock, scanGroups, type MakeScan, type ScanParams } from "./scan-params.ts";

/** Tangents of all results of a scan (final, saved, ys) from those of its inputs. */
export function scanJvp(
  context: GradientContext,
  apply: Apply<ScanParams>,
  tangents: readonly (Tensor | undefined)[],
  makeScan: MakeScan,
): (Tensor | undefined)[] {
  const { params } = apply;
  if (params.truncate !== undefined)
    throw new UnsupportedError(
      "SCAN_JVP_TRUNCATED",
      `${params.name === undefined ? "scan" : `scan "${params.name}"`}: a truncated gradient has no forward derivative that agrees with it`,
      { hint: "use grad or vjp, or scan without truncateGradient" },
    );
  const block = scanBlock(apply);
  const inputs = scanGroups(params, apply.inputs);
  const given = scanGroups(params, tangents);

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
    given.carries.map((t) => t !== undefined),
    (now) =>
      push(now)
        .slice(0, params.carries)
        .map((t) => t !== undefined),
  );
  const pushed = push(live);
  const alive = <T>(entries: readonly (T | undefined)[]): T[] =>
    entries.filter((x) => x !== undefined);
  const liveCarries = groups.carries.map((_, i) => i).filter((i) => live[i] === true);
  const newCarries = liveCarries.map((i) => {
    const output = outputs[i];
    return pushed[i] ?? context.zeros(output ?? groups.carries[i] ?? (args[0] as Tensor));
  });
  const ysTangents = pushed.slice(params.carries);
  if (liveCarries.length === 0 && alive(ysTangents).length === 0) return [];

  const result = makeScan(
    { ...params, name: params.name === undefined ? undefined : `tangent_of_${params.name}` },
    {
      consts: [
        ...inputs.consts,
        ...alive(given.consts.map((t, i) => (constTangents[i] === undefined ? undefined : t))),
      ],
      carries: [
        ...inputs.carries,
        ...liveCarries.map((i) => given.carries[i] ?? context.zeros(inputs.carries[i] as Tensor)),
      ],
      xs: [
        ...inputs.xs,
        ...alive(given.xs.map((t, i) => (xTangents[i] === undefined ? undefined : t))),
      ],
    },
    {
      inputs: [
        ...groups.consts,
        ...alive(constTangents),
        ...groups.carries,
        ...liveCarries.map((i) => carryTangents[i] as Tensor),
        ...groups.xs,
        ...alive(xTangents),
      ],
      outputs: [...outputs.slice(0, params.carries), ...newCarries, ...alive(ysTangents)],
    },
  );
  const pick = (rows: readonly Tensor[]): (Tensor | undefined)[] =>
    groups.carries.map((_, i) =>
      live[i] === true ? rows[params.carries + liveCarries.indexOf(i)] : undefined,
    );
  let nextY = 0;
  return [
    ...pick(result.final),
    ...pick(result.saved),
    ...ysTangents.map((t) => (t === undefined ? undefined : result.ys[nextY++])),
  ];
}
