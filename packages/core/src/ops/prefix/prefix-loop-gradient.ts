/**
 * Derivatives of prefix combinations as loops, for combinations whose derivatives are no products of matrices. The states are the
 * results, which are there: a step differentiates the combination at one row.
 */
import { InternalError } from "../../errors/errors.ts";
import { isFloating } from "../../graph/dtype.ts";
import type { Apply, GradientContext } from "../../graph/op.ts";
import { freshLike, inlineBlock } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { subSizes } from "../../size/size.ts";
import { present } from "../arity.ts";
import { onlyBlock } from "../block-op.ts";
import { expandDims, squeeze } from "../dimshuffle.ts";
import type { PrefixParams } from "./prefix-params.ts";
import type { Maybe } from "./prefix-recurrence.ts";
import { firstRow, joined, otherRows } from "./prefix-rows.ts";
import { makeScan } from "../scan/scan.ts";
import { sizeAt } from "../shape.ts";

/** One combination over inputs of its own, and the rows that the steps of a loop over all of them read. */
class Step {
  readonly consts: readonly Tensor[];
  readonly left: readonly Tensor[];
  readonly right: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Rows of left and of right. */
  readonly rows: readonly Tensor[];
  readonly length;

  constructor({ op, blocks, inputs, outputs, params: { consts, reverse } }: Apply<PrefixParams>) {
    const block = onlyBlock(op.name, blocks);
    const args = block.inputs.map((x) => freshLike(x));
    this.consts = args.slice(0, consts);
    this.left = args.slice(consts, consts + outputs.length);
    this.right = args.slice(consts + outputs.length);
    this.outputs = inlineBlock(block, args);
    const elements = inputs.slice(consts);
    this.rows = [
      ...outputs.map((x) => stepRows(x, !reverse)),
      ...elements.map((x) => stepRows(x, reverse)),
    ];
    this.length = subSizes(sizeAt(at(elements, 0), 0), 1);
  }

  get args(): readonly Tensor[] {
    return [...this.consts, ...this.left, ...this.right];
  }

  /** A fresh tensor for each floating part. */
  directions(): readonly Maybe[] {
    return this.right.map((x) => (isFloating(x.dtype) ? freshLike(x) : undefined));
  }
}

/** Rows but the one that a run begins with, as steps see them: `[T - 1, 1, ...]`. */
const stepRows = (x: Tensor, backwards: boolean): Tensor => expandDims(otherRows(x, backwards), 1);

export function loopVjp(
  context: GradientContext,
  apply: Apply<PrefixParams>,
  cotangents: readonly Maybe[],
): Maybe[] {
  const { inputs, outputs, params } = apply;
  const { consts, reverse } = params;
  const step = new Step(apply);
  const given = outputs.map((y, i) =>
    isFloating(y.dtype) ? (cotangents[i] ?? context.zeros(y)) : undefined,
  );
  const [adjoints, own] = [step.directions(), step.directions()];
  const pulled = context.pullback(step.outputs, adjoints, step.args);
  const before = own.map((g, i) => plus(context, g, pulled[consts + i]));
  const sums = step.consts.map((x) => (isFloating(x.dtype) ? freshLike(x) : undefined));
  const summed = sums.map((sum, i) => plus(context, sum, pulled[i]));
  const ys = adjoints.map((a, i) => a && (pulled[consts + outputs.length + i] ?? context.zeros(a)));
  const { final, ys: rows } = makeScan(
    { name: undefined, length: step.length, reverse: !reverse, truncate: undefined, shifts: [] },
    {
      consts: inputs.slice(0, consts),
      carries: [
        ...present(given).map((g) => firstRow(g, !reverse)),
        ...present(sums).map((sum) => context.zeros(sum)),
      ],
      xs: [...step.rows, ...present(given).map((g) => stepRows(g, !reverse))],
    },
    {
      inputs: [
        ...step.consts,
        ...present(adjoints),
        ...present(sums),
        ...step.left,
        ...step.right,
        ...present(own),
      ],
      outputs: [...present(before), ...present(summed), ...present(ys)],
    },
  );
  const parts = present(given).length;
  const [first, totals] = [final.slice(0, parts), final.slice(parts)];
  let [part, sum] = [0, 0];
  return [
    ...sums.map((x) => (x === undefined ? undefined : totals[sum++])),
    ...given.map((g) => {
      if (g === undefined) return undefined;
      const rest = squeeze(at(rows, part), 1);
      return joined(at(first, part++), rest, reverse);
    }),
  ];
}

export function loopJvp(
  context: GradientContext,
  apply: Apply<PrefixParams>,
  tangents: readonly Maybe[],
): Maybe[] {
  const { inputs, params } = apply;
  const { consts, reverse } = params;
  const step = new Step(apply);
  const elements = inputs.slice(consts);
  const given = elements.map((x, i) =>
    isFloating(x.dtype) ? (tangents[consts + i] ?? context.zeros(x)) : undefined,
  );
  const ofConsts = step.consts.map((x, i) =>
    tangents[i] === undefined || !isFloating(x.dtype) ? undefined : freshLike(x),
  );
  const [states, own] = [step.directions(), step.directions()];
  const pushed = context.pushforward(step.outputs, step.args, [...ofConsts, ...states, ...own]);
  const after = states.map((s, i) => s && (pushed[i] ?? context.zeros(s)));
  const { ys } = makeScan(
    { name: undefined, length: step.length, reverse, truncate: undefined, shifts: [] },
    {
      consts: [...inputs.slice(0, consts), ...present(ofConsts.map((x, i) => x && tangents[i]))],
      carries: present(given).map((g) => firstRow(g, reverse)),
      xs: [...step.rows, ...present(given).map((g) => stepRows(g, reverse))],
    },
    {
      inputs: [
        ...step.consts,
        ...present(ofConsts),
        ...present(states),
        ...step.left,
        ...step.right,
        ...present(own),
      ],
      outputs: [...present(after), ...present(after)],
    },
  );
  let part = 0;
  return given.map((g) =>
    g === undefined ? undefined : joined(firstRow(g, reverse), squeeze(at(ys, part++), 1), reverse),
  );
}

const plus = (context: GradientContext, x: Maybe, y: Maybe): Maybe =>
  x === undefined || y === undefined ? x : context.add(x, y);

function at(list: readonly Tensor[], i: number): Tensor {
  const found = list[i];
  if (found === undefined) throw new InternalError(`a prefix has no part ${i}`);
  return found;
}
