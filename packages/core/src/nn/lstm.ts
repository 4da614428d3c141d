/** Long short-term memory (Hochreiter & Schmidhuber 1997) with a forget gate (Gers et al. 2000). */
import type { SizeLike } from "../api/shapes.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { dot } from "../ops/dot.ts";
import { sigmoid, tanh } from "../ops/transcendental.ts";
import type { Tensor } from "../graph/tensor.ts";
import {
  checkCell,
  gate,
  gated,
  gateWeights,
  inputProduct,
  zeroState,
  type CellOptions,
  type GatedCell,
} from "./cell.ts";
import { gateBiases, parameter, type FloatDType } from "./parameter.ts";

/** What an LSTM carries: what it shows and what it keeps. */
export type LstmState<D extends FloatDType = FloatDType> = {
  readonly h: Tensor<D>;
  readonly c: Tensor<D>;
};

export interface LstmOptions<D extends FloatDType = FloatDType> extends CellOptions<D> {
  /** How the forget gate's bias begins; default 1, so that a fresh cell remembers (Jozefowicz et al. 2015). */
  readonly forgetBias?: number;
}

/** Zeros for both states. */
export function zeroLstmState(
  options: CellOptions,
  batch: SizeLike,
): { readonly h: Tensor; readonly c: Tensor } {
  return { h: zeroState(options, batch), c: zeroState(options, batch) };
}

/**
 * i, f, o = sigmoid and g = tanh of x Wx + h Wh + b; c' = f c + i g; h' = o tanh(c').
 * The gates i, f, g, o lie side by side: Wx `[I, 4H]`, Wh `[H, 4H]`, b `[4H]`.
 * @example
 * const cell = lstm({ inputSize: 64, hiddenSize: 128, key: key(1), name: "lstm" });
 * const { outputs } = scan({ sequences: { x }, init: cell.init(B), step: cell.step });
 */
export function lstm<D extends FloatDType = "float32">(
  options: LstmOptions<D>,
): GatedCell<LstmState<D>>;
export function lstm(options: LstmOptions): GatedCell<{ readonly h: Tensor; readonly c: Tensor }> {
  checkCell("lstm", options, ["forgetBias"]);
  const { hiddenSize, key, name, dtype, forgetBias = 1 } = options;
  const { Wx, Wh } = gateWeights(options, 4);
  const b = parameter(`${name}.b`, [4 * hiddenSize], gateBiases([0, forgetBias, 0, 0]), key, dtype);
  return gated({
    parameters: [Wx, Wh, b],
    hiddenSize,
    init: (batch) => zeroLstmState(options, batch),
    stepWith({ x, h, c }, change) {
      const gates = add(add(inputProduct(x, Wx), dot(h, Wh)), b);
      const at = (k: number): Tensor => gate(gates, k, hiddenSize);
      const [i, f, o] = [sigmoid(at(0)), sigmoid(at(1)), sigmoid(at(3))];
      const kept = add(mul(f, c), mul(i, change(tanh(at(2)))));
      return { h: mul(o, tanh(kept)), c: kept };
    },
  });
}
