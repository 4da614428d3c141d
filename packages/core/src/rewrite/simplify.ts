/** Arithmetic that changes nothing, and views that undo or contain one another, disappear. */
import { applyOne, ownerOf, type Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, mul, neg, sub } from "../ops/arithmetic.ts";
import { broadcastToOp } from "../ops/broadcast.ts";
import { dimshuffleOp } from "../ops/dimshuffle.ts";
import { gradClipOp, gradScaleOp } from "../ops/gradient-walls.ts";
import { reshapeOp } from "../ops/reshape.ts";
import { isAllEqual } from "./constants.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph } from "./rewrite-graph.ts";
import { sameType } from "./same-type.ts";

export const simplify: Pass = {
  name: "simplify",
  run: (results) =>
    rewriteGraph(results, (apply, inputs) => {
      const [output] = apply.outputs;
      if (output === undefined || apply.outputs.length !== 1) return undefined;
      const rule = rules.get(apply.op);
      const simpler = rule?.(apply, inputs, output);
      return simpler === undefined || !sameType(simpler, output) ? undefined : [simpler];
    }),
};

type Simplification = (
  apply: Apply,
  inputs: readonly Tensor[],
  output: Tensor,
) => Tensor | undefined;

const rules = new Map<object, Simplification>([
  [add.op, (_, [x, y]) => (isAllEqual(y, 0) ? x : isAllEqual(x, 0) ? y : undefined)],
  [
    sub.op,
    (_, [x, y]) =>
      isAllEqual(y, 0) ? x : isAllEqual(x, 0) && y !== undefined ? neg(y) : undefined,
  ],
  [mul.op, (_, [x, y]) => (isAllEqual(y, 1) ? x : isAllEqual(x, 1) ? y : undefined)],
  [div.op, (_, [x, y]) => (isAllEqual(y, 1) ? x : undefined)],
  [gradClipOp, (_, [x]) => x],
  [gradScaleOp, (_, [x]) => x],
  [neg.op, (_, [x]) => inputOfOp(x, neg.op)],
  [
    reshapeOp,
    (apply, [x], output) =>
      x === undefined
        ? undefined
        : sameType(x, output)
          ? x
          : through(x, reshapeOp, (base) => applyOne(apply.op, [base], apply.params)),
  ],
  [
    broadcastToOp,
    (apply, [x], output) =>
      x === undefined
        ? undefined
        : sameType(x, output)
          ? x
          : through(x, broadcastToOp, (base) =>
              base.rank === x.rank ? applyOne(apply.op, [base], apply.params) : undefined,
            ),
  ],
  [dimshuffleOp, (_, [x], output) => (x === undefined ? undefined : composeDimshuffle(output, x))],
]);

function inputOfOp(tensor: Tensor | undefined, op: object): Tensor | undefined {
  const apply = tensor === undefined ? undefined : ownerOf(tensor);
  return apply?.op === op ? apply.inputs[0] : undefined;
}

function through(
  x: Tensor,
  op: object,
  remake: (base: Tensor) => Tensor | undefined,
): Tensor | undefined {
  const base = inputOfOp(x, op);
  return base === undefined ? undefined : remake(base);
}

type Pattern = readonly (number | "x")[];

function patternOf(tensor: Tensor): Pattern | undefined {
  const apply = ownerOf(tensor);
  return apply?.op === dimshuffleOp
    ? (apply.params as { readonly pattern: Pattern }).pattern
    : undefined;
}

/** A permutation of a permutation is one; one that moves nothing is none. */
function composeDimshuffle(output: Tensor, x: Tensor): Tensor | undefined {
  const outer = patternOf(output);
  if (outer === undefined) return undefined;
  if (outer.length === x.rank && outer.every((p, axis) => p === axis)) return x;
  const inner = patternOf(x);
  const base = inputOfOp(x, dimshuffleOp);
  if (inner === undefined || base === undefined) return undefined;
  const pattern = outer.map((p) => (p === "x" ? "x" : (inner[p] ?? "x")));
  const moved = pattern.length === base.rank && pattern.every((p, axis) => p === axis);
  return moved ? base : applyOne(dimshuffleOp, [base], { pattern });
}
