/** The gated recurrent unit (Cho et al. 2014), reset after the product, gates in the order of cuDNN and PyTorch. */
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
import { zero } from "./initializers.ts";
import { parameter, type FloatDType } from "./parameter.ts";

/**
 * r = sigmoid(x Wxr + bxr + h Whr + bhr), z likewise, n = tanh(x Wxn + bxn + r (h Whn + bhn)), h' = (1 - z) n + z h.
 * The gates r, z, n lie side by side: Wx `[I, 3H]`, Wh `[H, 3H]`, bx and bh `[3H]`.
 * @example
 * const cell = gru({ inputSize: 12, hiddenSize: 64, key: key(1), name: "gru" });
 * const { final } = scan({ sequences: { x }, init: { h: zeros([B, 64]) }, lengths, step: cell.step });
 */
export function gru<D extends FloatDType = "float32">(
  options: CellOptions<D>,
): GatedCell<HiddenState<D>>;
export function gru(options: CellOptions): GatedCell<{ readonly h: Tensor }> {
  checkCell("gru", options, []);
  const { hiddenSize, key, name, dtype } = options;
  const { Wx, Wh } = gateWeights(options, 3);
  const bx = parameter(`${name}.bx`, [3 * hiddenSize], zero, key, dtype);
  const bh = parameter(`${name}.bh`, [3 * hiddenSize], zero, key, dtype);
  return gated({
    parameters: [Wx, Wh, bx, bh],
    hiddenSize,
    init: (batch) => ({ h: zeroState(options, batch) }),
    stepWith({ x, h }, change) {
      const fromInput = add(inputProduct(x, Wx), bx);
      const fromState = add(dot(h, Wh), bh);
      const both = (i: number): Tensor =>
        add(gate(fromInput, i, hiddenSize), gate(fromState, i, hiddenSize));
      const [r, z] = [sigmoid(both(0)), sigmoid(both(1))];
      const n = tanh(add(gate(fromInput, 2, hiddenSize), mul(r, gate(fromState, 2, hiddenSize))));
      return { h: add(mul(sub(1, z), change(n)), mul(z, h)) };
    },
  });
}
