/** Long short-term memory whose gates see what the cell keeps (Gers & Schmidhuber 2000). */
import { add, mul } from "../ops/arithmetic.ts";
import { dot } from "../ops/dot.ts";
import { sigmoid, tanh } from "../ops/transcendental.ts";
import type { Tensor } from "../graph/tensor.ts";
import { checkCell, gate, gated, gateWeights, inputProduct, type GatedCell } from "./cell.ts";
import { zero } from "./initializers.ts";
import { zeroLstmState, type LstmOptions, type LstmState } from "./lstm.ts";
import { gateBiases, parameter, type FloatDType } from "./parameter.ts";

/**
 * i, f = sigmoid of x Wx + h Wh + b + p c, g = tanh of x Wx + h Wh + b, c' = f c + i g, o = sigmoid(x Wx + h Wh + b + p c'),
 * h' = o tanh(c') (Gers & Schmidhuber 2000, "Recurrent nets that time and count"; tanh of c' as in Graves 2013).
 * The gates i, f, g, o lie side by side: Wx `[I, 4H]`, Wh `[H, 4H]`, b `[4H]`; the peepholes of i, f, o too: p `[3H]`, which begin at 0.
 * @example
 * const cell = peepholeLstm({ inputSize: 1, hiddenSize: 16, key: key(1), name: "timer" });
 * const { final } = run(cell, x, { lengths });
 * @throws ArgumentError LAYER_OPTION; DTypeError RANDOM_KEY
 */
export function peepholeLstm<D extends FloatDType = "float32">(
  options: LstmOptions<D>,
): GatedCell<LstmState<D>>;
export function peepholeLstm(
  options: LstmOptions,
): GatedCell<{ readonly h: Tensor; readonly c: Tensor }> {
  checkCell("peepholeLstm", options, ["forgetBias"]);
  const { hiddenSize, key, name, dtype, forgetBias = 1 } = options;
  const { Wx, Wh } = gateWeights(options, 4);
  const b = parameter(`${name}.b`, [4 * hiddenSize], gateBiases([0, forgetBias, 0, 0]), key, dtype);
  const p = parameter(`${name}.p`, [3 * hiddenSize], zero, key, dtype);
  return gated({
    parameters: [Wx, Wh, b, p],
    hiddenSize,
    init: (batch) => zeroLstmState(options, batch),
    stepWith({ x, h, c }, change) {
      const gates = add(add(inputProduct(x, Wx), dot(h, Wh)), b);
      const at = (k: number): Tensor => gate(gates, k, hiddenSize);
      const seen = (k: number, state: Tensor): Tensor => mul(gate(p, k, hiddenSize), state);
      const i = sigmoid(add(at(0), seen(0, c)));
      const f = sigmoid(add(at(1), seen(1, c)));
      const kept = add(mul(f, c), mul(i, change(tanh(at(2)))));
      const o = sigmoid(add(at(3), seen(2, kept)));
      return { h: mul(o, tanh(kept)), c: kept };
    },
  });
}
