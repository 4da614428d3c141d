/** Connectionist temporal classification (Graves et al. 2006): labels for sequences that say not where each label is. */
import { withBatch } from "../api/scan/padding.ts";
import { positions } from "../api/scan/positions.ts";
import { scan } from "../api/scan/scan.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors/errors.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { add, maximum, mul, neg, sub } from "../ops/arithmetic.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { eq, gt, ne } from "../ops/compare.ts";
import { concatenate, stack } from "../ops/concatenate.ts";
import { full } from "../ops/constant.ts";
import { ctcLabels } from "../ops/ctc-labels.ts";
import { expandDims, transpose } from "../ops/dimshuffle.ts";
import { gather } from "../ops/gather.ts";
import { stopGradient } from "../ops/gradient-walls.ts";
import { or, where } from "../ops/logic.ts";
import { reshape } from "../ops/reshape.ts";
import { lengthMask } from "../ops/scan/length-mask.ts";
import { describeTyped, sizeAt } from "../ops/shape.ts";
import { sliceAxis } from "../ops/slice.ts";
import { logSoftmax, logSumExp } from "../ops/softmax.ts";
import { exp, log } from "../ops/transcendental.ts";
import { mulSizes, subSizes, type Size } from "../size/size.ts";
import { zeroPadding } from "./attention.ts";
import { checkNames, requireTensor } from "./check-options.ts";

export interface CtcOptions {
  /** The class that stands for no label. Default: 0. */
  readonly blank?: number;
}

/** The logarithm of 0, finite so that differences of two are no NaN. */
const lowest = -1e30;

interface CtcInputs {
  readonly logits: Tensor;
  readonly labels: Tensor;
  readonly inputLengths: Tensor;
  readonly labelLengths: Tensor;
}

/** @throws ShapeError CTC_INPUT; DTypeError CTC_INPUT; ArgumentError LAYER_OPTION */
function check(inputs: CtcInputs, options: CtcOptions): number {
  const shapes = {
    logits: "[T, B, C]",
    labels: "[B, L]",
    inputLengths: "[B]",
    labelLengths: "[B]",
  } as const;
  for (const name of ["logits", "labels", "inputLengths", "labelLengths"] as const) {
    const [x, shape] = [inputs[name], shapes[name]];
    requireTensor(`ctcLoss: ${name}`, x);
    const what = `ctcLoss: ${name} ${describeTyped(x)}`;
    if (x.rank !== shape.split(",").length)
      throw new ShapeError("CTC_INPUT", `${what} is not ${shape}`, {
        hint: "ctcLoss(logits [T, B, C], labels [B, L], inputLengths [B], labelLengths [B])",
      });
    if (name !== "logits" && x.dtype !== "int32")
      throw new DTypeError("CTC_INPUT", `${what} is not int32`, {
        hint: `convert it: cast(${name}, "int32")`,
      });
  }
  checkNames("ctcLoss", options, ["blank"]);
  const { blank = 0 } = options;
  const classes = sizeAt(inputs.logits, -1).constant ?? Infinity;
  if (!Number.isSafeInteger(blank) || blank < 0 || blank >= classes)
    throw new ArgumentError("LAYER_OPTION", `ctcLoss: blank is ${String(blank)}`, {
      hint: `it is one of the classes, 0 .. ${classes === Infinity ? "C - 1" : classes - 1}`,
    });
  return blank;
}

/** `x` `[B, S]` moved right by `count` places, with `fill` on the left. */
function moved(x: Tensor, count: number, fill: number): Tensor {
  const [batch, width] = [sizeAt(x, 0), sizeAt(x, 1)];
  const left = full([batch, count], fill, x.dtype);
  return sliceAxis(concatenate([left, x], 1), 1, 0, width);
}

/** log(exp(x) + exp(y) + exp(z)), elementwise. */
function logAddExp(x: Tensor, y: Tensor, z: Tensor): Tensor {
  const top = stopGradient(maximum(maximum(x, y), z));
  return add(top, log(add(add(exp(sub(x, top)), exp(sub(y, top))), exp(sub(z, top)))));
}

/** The labels with a blank before, between and behind them, `[B, 2L + 1]`; blanks where labels have ended. */
function withBlanks(labels: Tensor, counts: Tensor, blank: number, classes: Size): Tensor {
  const [batch, count] = [sizeAt(labels, 0), sizeAt(labels, 1)];
  const label = `ctcLoss: labelLengths ${describe(counts)}`;
  const valid = transpose(lengthMask(counts, count, label));
  const named = `ctcLoss: labels ${describe(labels)}`;
  const clean = ctcLabels(labels, valid, { blank, classes, label: named });
  const pairs = stack([full([batch, count], blank, "int32"), clean], 2);
  const last = full([batch, 1], blank, "int32");
  return concatenate([reshape(pairs, [batch, mulSizes(2, count)]), last], 1);
}

/**
 * Minus the logarithm of the probability of the labels, one for each sequence `[B]`: the sum over all ways to lay the labels of
 * `labels` `[B, L]` into the steps of `logits` `[T, B, C]`, a step showing one class or the blank, and equal neighbours counting once
 * (Graves et al. 2006, "Connectionist temporal classification", equations 6 to 8, in logarithms). Only the first `inputLengths` `[B]`
 * rows and the first `labelLengths` `[B]` labels count; what lies behind them is never read. A label that is the blank fails the call.
 * Labels that do not fit into their sequence (n labels, r of them like their neighbour, need n + r steps) have the probability 0: the
 * loss is +Infinity and its gradient zero.
 * @example
 * const loss = ctcLoss(output(h), labels, lengths, labelLengths, { blank: 0 }); // [B]
 * const cost = mean(loss);
 * @throws ShapeError CTC_INPUT, SCAN_BATCH; DTypeError CTC_INPUT; ArgumentError LAYER_OPTION, OPERAND; at the call ArgumentError
 * SCAN_LENGTHS, CTC_LABEL
 */
export function ctcLoss(
  logits: Tensor,
  labels: Tensor,
  inputLengths: Tensor,
  labelLengths: Tensor,
  options: CtcOptions = {},
): Tensor {
  const blank = check({ logits, labels, inputLengths, labelLengths }, options);
  const batch = sizeAt(logits, 1);
  const sized = (what: string, x: Tensor): Tensor => withBatch("ctcLoss", what, x, 0, batch);
  const lengths = sized("inputLengths", inputLengths) as Tensor<"int32">;
  const counts = sized("labelLengths", labelLengths);
  const extended = withBlanks(sized("labels", labels), counts, blank, sizeAt(logits, 2));
  const shown = logSoftmax(zeroPadding(logits, { lengths }));
  const width = sizeAt(extended, 1);
  const places = expandDims(positions(width), 0);
  const sequence = broadcastTo(expandDims(positions(batch), 1), [batch, width]);
  const emitted = maximum(gather(shown, [sequence, extended], { axes: [1, 2], at: 1 }), lowest);
  // A blank may be left out between two labels that differ; two places before a blank there is one.
  const skips = ne(extended, moved(extended, 2, blank));
  const [{ dtype }, rest] = [shown, [batch, subSizes(width, 1)]];
  const { final } = scan({
    name: "ctcLoss",
    sequences: { row: emitted },
    init: { alpha: concatenate([full([batch, 1], 0, dtype), full(rest, lowest, dtype)], 1) },
    lengths,
    step({ row, alpha }) {
      const skipped = where(skips, moved(alpha, 2, lowest), lowest);
      return { alpha: add(row, logAddExp(alpha, moved(alpha, 1, lowest), skipped)) };
    },
  });
  const end = expandDims(mul(counts, 2), 1);
  const ends = or(eq(places, end), eq(places, sub(end, 1)));
  const loss = neg(logSumExp(where(ends, final.alpha, lowest), 1));
  return where(gt(loss, -lowest / 10), Infinity, loss);
}
