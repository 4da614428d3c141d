/** Long short-term memory with layer normalisation (Ba et al. 2016). */
import { add, div, mul, sqr, sqrt, sub } from "../ops/arithmetic.ts";
import { mean } from "../ops/axes.ts";
import { dot } from "../ops/dot.ts";
import { sigmoid, tanh } from "../ops/transcendental.ts";
import type { Tensor } from "../graph/tensor.ts";
import { checkCell, gate, gated, gateWeights, inputProduct, type GatedCell } from "./cell.ts";
import { zero } from "./initializers.ts";
import { zeroLstmState, type LstmOptions, type LstmState } from "./lstm.ts";
import { gateBiases, parameter, type FloatDType } from "./parameter.ts";

/** Each row of the last axis with mean 0 and variance 1; 1e-5 keeps rows of equal entries at 0. */
function normalized(x: Tensor): Tensor {
  const centred = sub(x, mean(x, -1, { keepdims: true }));
  return div(centred, sqrt(add(mean(sqr(centred), -1, { keepdims: true }), 1e-5)));
}

/**
 * i, f, o = sigmoid and g = tanh of gx norm(x Wx) + gh norm(h Wh) + b; c' = f c + i g; h' = o tanh(gc norm(c') + bc)
 * (Ba, Kiros & Hinton 2016, "Layer normalization", equations 20 to 22). norm is over all four gates of a row together.
 * The gates i, f, g, o lie side by side: Wx `[I, 4H]`, Wh `[H, 4H]`, gx, gh and b `[4H]`; gc and bc `[H]`. Gains begin at 1.
 * @example
 * const cell = layerNormLstm({ inputSize: 64, hiddenSize: 128, key: key(1), name: "lstm" });
 * const { outputs } = run(cell, x, { lengths });
 * @throws ArgumentError LAYER_OPTION; DTypeError RANDOM_KEY
 */
export function layerNormLstm<D extends FloatDType = "float32">(
  options: LstmOptions<D>,
): GatedCell<LstmState<D>>;
export function layerNormLstm(
  options: LstmOptions,
): GatedCell<{ readonly h: Tensor; readonly c: Tensor }> {
  checkCell("layerNormLstm", options, ["forgetBias"]);
  const { hiddenSize, key, name, dtype, forgetBias = 1 } = options;
  const { Wx, Wh } = gateWeights(options, 4);
  const gain = (label: string, size: number) =>
    parameter(`${name}.${label}`, [size], gateBiases([1]), key, dtype);
  const [gx, gh, gc] = [
    gain("gx", 4 * hiddenSize),
    gain("gh", 4 * hiddenSize),
    gain("gc", hiddenSize),
  ];
  const b = parameter(`${name}.b`, [4 * hiddenSize], gateBiases([0, forgetBias, 0, 0]), key, dtype);
  const bc = parameter(`${name}.bc`, [hiddenSize], zero, key, dtype);
  return gated({
    parameters: [Wx, Wh, gx, gh, b, gc, bc],
    hiddenSize,
    init: (batch) => zeroLstmState(options, batch),
    stepWith({ x, h, c }, change) {
      const fromInput = add(mul(gx, normalized(inputProduct(x, Wx))), b);
      const gates = add(fromInput, mul(gh, normalized(dot(h, Wh))));
      const at = (k: number): Tensor => gate(gates, k, hiddenSize);
      const [i, f, o] = [sigmoid(at(0)), sigmoid(at(1)), sigmoid(at(3))];
      const kept = add(mul(f, c), mul(i, change(tanh(at(2)))));
      return { h: mul(o, tanh(add(mul(gc, normalized(kept)), bc))), c: kept };
    },
  });
}
