/** The minimal gated unit (Zhou et al. 2016): a GRU with one gate for both of its uses. */
import { add, mul, sub } from "../ops/arithmetic.ts";
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
  type HiddenState,
} from "./cell.ts";
import { gateBiases, parameter, type FloatDType } from "./parameter.ts";

export interface MguOptions<D extends FloatDType = FloatDType> extends CellOptions<D> {
  /** How the gate's bias begins; default 1, as the paper has it. */
  readonly forgetBias?: number;
}

/**
 * f = sigmoid(x Wxf + h Whf + bf), n = tanh(x Wxn + (f h) Whn + bn), h' = (1 - f) h + f n
 * (Zhou, Wu, Zhang & Zhou 2016, "Minimal gated unit for recurrent neural networks").
 * f and n lie side by side: Wx `[I, 2H]`, Wh `[H, 2H]`, b `[2H]`: two thirds of the parameters of a GRU.
 * @example
 * const cell = mgu({ inputSize: 12, hiddenSize: 64, key: key(1), name: "mgu" });
 * const { final } = run(cell, x, { lengths });
 * @throws ArgumentError LAYER_OPTION; DTypeError RANDOM_KEY
 */
export function mgu<D extends FloatDType = "float32">(
  options: MguOptions<D>,
): GatedCell<HiddenState<D>>;
export function mgu(options: MguOptions): GatedCell<{ readonly h: Tensor }> {
  checkCell("mgu", options, ["forgetBias"]);
  const { hiddenSize, key, name, dtype, forgetBias = 1 } = options;
  const { Wx, Wh } = gateWeights(options, 2);
  const b = parameter(`${name}.b`, [2 * hiddenSize], gateBiases([forgetBias, 0]), key, dtype);
  return gated({
    parameters: [Wx, Wh, b],
    hiddenSize,
    init: (batch) => ({ h: zeroState(options, batch) }),
    stepWith({ x, h }, change) {
      const fromInput = add(inputProduct(x, Wx), b);
      const product = (k: number, state: Tensor): Tensor =>
        add(gate(fromInput, k, hiddenSize), dot(state, gate(Wh, k, hiddenSize)));
      const f = sigmoid(product(0, h));
      const n = tanh(product(1, mul(f, h)));
      return { h: add(mul(sub(1, f), h), mul(f, change(n))) };
    },
  });
}
