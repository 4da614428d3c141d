/** What the cells share: a cell is parameters, an initial state and a step that scan runs. */
import { zeros, type SizeLike } from "../api/shapes.ts";
import type { Shared } from "../api/shared.ts";
import type { Tensor } from "../graph/tensor.ts";
import { dot } from "../ops/dot.ts";
import { sliceAxis } from "../ops/slice.ts";
import { take } from "../ops/subtensor.ts";
import { foldIn } from "../ops/random-key.ts";
import { checkNames, checkOptions } from "./check-options.ts";
import { glorotUniform, orthogonal, type Initializer, type Key } from "./initializers.ts";
import { parameter, sideBySide, type FloatDType } from "./parameter.ts";

/** A cell: hand `init(batch)` and `step` to scan. Of what it carries from step to step, `h` is what it shows. */
export interface Cell<S extends { readonly h: Tensor }> {
  readonly parameters: readonly Shared[];
  readonly hiddenSize: number;
  /** Zeros `[batch, H]` for each state. */
  readonly init: (batch: SizeLike) => S;
  /** `x` is a row `[B, I]` of the sequence, or int32 ids `[B]` in place of one-hot rows. */
  readonly step: (args: { readonly x: Tensor } & S) => S;
}

/** A cell that computes a new value for its state behind gates. */
export interface GatedCell<S extends { readonly h: Tensor }> extends Cell<S> {
  /** The step with `change` applied to that value `[B, H]` before the gates let it in: what `recurrentDropout` is made of. */
  readonly stepWith: (args: { readonly x: Tensor } & S, change: (candidate: Tensor) => Tensor) => S;
}

/** The state of a cell that carries `h` alone. */
export type HiddenState<D extends FloatDType = FloatDType> = { readonly h: Tensor<D> };

export interface CellOptions<D extends FloatDType = FloatDType> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly key: Key;
  /** Prefix of the parameters' names. */
  readonly name: string;
  /** Default: float32. */
  readonly dtype?: D;
  /** Default: glorotUniform for the input, orthogonal for the state, each gate on its own. */
  readonly init?: { readonly input?: Initializer; readonly state?: Initializer };
}

/** A gated cell, whose plain step changes nothing. */
export function gated<S extends { readonly h: Tensor }>(
  parts: Omit<GatedCell<S>, "step">,
): GatedCell<S> {
  return { ...parts, step: (args) => parts.stepWith(args, (candidate) => candidate) };
}

/** Checks the options of a cell; `own` are those that only it has. @throws ArgumentError LAYER_OPTION */
export function checkCell(what: string, options: CellOptions, own: readonly string[]): void {
  checkOptions(what, options, ["inputSize", "hiddenSize"], ["init", ...own]);
  checkNames(`${what}: init`, options.init ?? {}, ["input", "state"]);
}

/** Zeros `[batch, H]`: how every state begins. */
export function zeroState(
  { hiddenSize, dtype = "float32" }: Pick<CellOptions, "hiddenSize" | "dtype">,
  batch: SizeLike,
): Tensor {
  return zeros([batch, hiddenSize], dtype);
}

/** Wx `[I, count * H]` and Wh `[H, count * H]` of a cell with `count` gates. */
export function gateWeights(
  { inputSize, hiddenSize, key, name, dtype, init = {} }: CellOptions,
  count: number,
): { readonly Wx: Shared; readonly Wh: Shared } {
  const { input = glorotUniform, state = orthogonal } = init;
  const width = count * hiddenSize;
  const weight = (id: number, label: string, rows: number, start: Initializer): Shared =>
    parameter(`${name}.${label}`, [rows, width], sideBySide(start, count), foldIn(key, id), dtype);
  return { Wx: weight(0, "Wx", inputSize, input), Wh: weight(1, "Wh", hiddenSize, state) };
}

/** x W, or rows of W where `x` holds ids: what the product with one-hot rows would be. */
export function inputProduct(x: Tensor, W: Tensor): Tensor {
  return x.dtype === "int32" ? take(W, x) : dot(x, W);
}

/** Gate `i` of gates that lie side by side in the last axis, each `width` wide. */
export function gate(gates: Tensor, i: number, width: number): Tensor {
  return sliceAxis(gates, -1, i * width, width);
}
