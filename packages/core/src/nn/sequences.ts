/** Cells run over whole sequences `[T, B, ...]`, forwards and in both directions. */
import { reverseSequence } from "../api/scan/reverse-sequence.ts";
import { scan } from "../api/scan/scan.ts";
import { ShapeError } from "../errors/errors.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { concatenate } from "../ops/concatenate.ts";
import { reverse } from "../ops/slice.ts";
import type { Cell, HiddenState } from "./cell.ts";
import { checkNames, requireTensor } from "./check-options.ts";
import { asLayer, type Layer, type SequenceOptions } from "./layers.ts";

export interface RunOptions extends SequenceOptions {
  /** `[T, B]`: which rows count; holes are allowed. */
  readonly mask?: Tensor<"bool">;
  /** From each sequence's own end to its beginning; outputs come in the order of the steps. */
  readonly goBackwards?: boolean;
  /** What a call with the gradient may work in, as bytes or `"64MB"`: see scan. */
  readonly memory?: number | string;
}

/** What a cell gave: every step of each state `[T, B, H]`, and the last ones `[B, H]`. */
export interface Run<S> {
  readonly outputs: S;
  readonly final: S;
}

/**
 * Runs a cell over `x` [T, B, I] (or int32 ids [T, B]) from its initial state.
 * @example const { final } = run(gru({ inputSize: 12, hiddenSize: 64, key: key(1), name: "gru" }), x, { lengths });
 * @throws ArgumentError LAYER_OPTION, OPERAND; ShapeError RUN_INPUT
 */
export function run<S extends { readonly h: Tensor }>(
  cell: Cell<S>,
  x: Tensor,
  options?: RunOptions,
): Run<S>;
export function run(
  cell: Cell<HiddenState>,
  x: Tensor,
  options: RunOptions = {},
): Run<HiddenState> {
  checkNames("run", options, ["lengths", "mask", "goBackwards", "memory"]);
  requireTensor("run: the input", x);
  const batch = x.shape[1];
  if (batch === undefined)
    throw new ShapeError(
      "RUN_INPUT",
      `run: ${describe(x)} ${printType(x.type)} is no batch of sequences`,
      {
        hint: "give [T, B, I], or int32 ids [T, B]",
      },
    );
  const { outputs, final } = scan({
    sequences: { x },
    init: cell.init(batch),
    step: cell.step,
    ...options,
  });
  return { outputs, final };
}

/**
 * A cell as a layer: `[T, B, I]` to its `h` after every step, `[T, B, H]`. `memory` is that of `run`. A call throws ArgumentError
 * LAYER_OPTION.
 */
export function layer<S extends { readonly h: Tensor }>(
  cell: Cell<S>,
  own: Pick<RunOptions, "memory"> = {},
): Layer {
  checkNames("layer", own, ["memory"]);
  return asLayer(
    "layer",
    cell.parameters,
    (x, options) => run(cell, x, { ...own, ...options }).outputs.h,
  );
}

/**
 * One cell from the beginning and one from each sequence's own end (Schuster & Paliwal 1997), side by side in the last axis:
 * `outputs` [T, B, H1 + H2] has at row t what both know there, `final` [B, H1 + H2] what each knows at its end.
 * @example const { outputs } = bidirectional(forwards, backwards, x, { lengths });
 * @throws ArgumentError LAYER_OPTION, OPERAND; ShapeError RUN_INPUT
 */
export function bidirectional<F extends { readonly h: Tensor }, G extends { readonly h: Tensor }>(
  forwards: Cell<F>,
  backwards: Cell<G>,
  x: Tensor,
  given: Pick<RunOptions, "lengths" | "memory"> = {},
): { readonly outputs: Tensor; readonly final: Tensor } {
  checkNames("bidirectional", given, ["lengths", "memory"]);
  const { lengths, memory } = given;
  const options = {
    ...(lengths === undefined ? {} : { lengths }),
    ...(memory === undefined ? {} : { memory }),
  };
  const there = run(forwards, x, options);
  const back = run(backwards, x, { ...options, goBackwards: true });
  const { h } = back.outputs;
  const inOrder = lengths === undefined ? reverse(h) : reverseSequence(h, lengths);
  return {
    outputs: concatenate([there.outputs.h, inOrder], -1),
    final: concatenate([there.final.h, back.final.h], -1),
  };
}
