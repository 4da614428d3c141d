/** Dropout of what a gated cell writes, not of what it keeps (Semeniuta et al. 2016). */
import { bernoulli, split } from "../api/draws.ts";
import { zeros, type SizeLike } from "../api/shapes.ts";
import { ArgumentError } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { zerosLike } from "../ops/constant.ts";
import { where } from "../ops/logic.ts";
import { foldIn, requireKey } from "../ops/random-key.ts";
import type { Cell, GatedCell } from "./cell.ts";
import { checkNames } from "./check-options.ts";

export interface RecurrentDropoutOptions {
  /** The part of the units that is dropped, from 0 on and below 1. */
  readonly rate: number;
  /** A key `[2]`, or one for each sequence `[B, 2]`, so that masks do not depend on the place in the batch: `foldIn(key, ids)`. */
  readonly key: Tensor<"int32">;
  /** When units are drawn: anew in every step (default), or once for a sequence. */
  readonly each?: "step" | "sequence";
}

/** The state of a cell, and how many steps each sequence has taken, int32 `[B]`. */
export type Counted<S> = S & { readonly steps: Tensor<"int32"> };

/** @throws ArgumentError LAYER_OPTION; DTypeError RANDOM_KEY */
function checked(
  cell: object,
  options: RecurrentDropoutOptions,
): Required<RecurrentDropoutOptions> {
  checkNames("recurrentDropout", options, ["rate", "key", "each"]);
  const { rate, key, each = "step" } = options;
  const refuse = (problem: string, hint: string): never => {
    throw new ArgumentError("LAYER_OPTION", `recurrentDropout: ${problem}`, { hint });
  };
  if (!("stepWith" in cell))
    refuse("this cell has no gates", "take a gated one: lstm, gru, mgu, or one with stepWith");
  if (!(rate >= 0 && rate < 1)) refuse(`rate is ${String(rate)}`, "give a part from 0 on, below 1");
  if (each !== "step" && each !== "sequence")
    refuse(`each is ${JSON.stringify(each)}`, 'it is "step" or "sequence"');
  requireKey("recurrentDropout", key);
  if (key.rank > 2)
    refuse(`key has ${key.rank} axes`, "give one key [2], or one per sequence [B, 2]");
  return { rate, key, each };
}

/**
 * A cell that drops units of what it is about to write (the g of an LSTM, the n of a GRU) and divides the others by 1 - rate; what it
 * keeps is never dropped, so that memory lasts (Semeniuta, Severyn & Barth 2016, "Recurrent dropout without memory loss").
 * It shares the parameters of `cell`, which predicts without dropout. `steps` counts the steps that count: padding changes no mask.
 * @example
 * const cell = lstm({ inputSize: 12, hiddenSize: 64, key: key(1), name: "lstm" });
 * const trained = run(recurrentDropout(cell, { rate: 0.25, key: key(2) }), x, { lengths });
 * const predicted = run(cell, x, { lengths });
 * @throws ArgumentError LAYER_OPTION; DTypeError RANDOM_KEY
 */
export function recurrentDropout<S extends { readonly h: Tensor }>(
  cell: GatedCell<S>,
  options: RecurrentDropoutOptions,
): Cell<Counted<S>> {
  const { rate, key, each } = checked(cell, options);
  const { hiddenSize } = cell;
  const keysOf = (batch: SizeLike): Tensor => (key.rank === 1 ? split(key, batch) : key);
  return {
    parameters: cell.parameters,
    hiddenSize,
    init: (batch) => ({ ...cell.init(batch), steps: zeros([batch], "int32") }),
    step(args) {
      const { steps } = args;
      const [batch = 1] = steps.shape;
      const keys = keysOf(batch);
      const kept = bernoulli(each === "step" ? foldIn(keys, steps) : keys, 1 - rate, [hiddenSize]);
      const change = (candidate: Tensor): Tensor =>
        where(kept, mul(candidate, 1 / (1 - rate)), zerosLike(candidate));
      return { ...cell.stepWith(args, change), steps: add(steps, 1) };
    },
  };
}
