/** The simple recurrent cell (Elman 1990). */
import { zeros } from "../api/shapes.ts";
import { add } from "../ops/arithmetic.ts";
import { dot } from "../ops/dot.ts";
import { tanh } from "../ops/transcendental.ts";
import type { Tensor } from "../graph/tensor.ts";
import {
  checkCell,
  gateWeights,
  inputProduct,
  type Cell,
  type CellOptions,
  type HiddenState,
} from "./cell.ts";
import { zero } from "./initializers.ts";
import { parameter, type FloatDType } from "./parameter.ts";

export interface RnnOptions<D extends FloatDType = FloatDType> extends CellOptions<D> {
  /** Default: tanh. */
  readonly activation?: (x: Tensor) => Tensor;
  /** Default: true. */
  readonly bias?: boolean;
}

/**
 * h' = activation(x Wx + h Wh + b), with Wx `[I, H]`, Wh `[H, H]`, b `[H]`.
 * @example
 * const cell = rnn({ inputSize: 7, hiddenSize: 50, key: key(1), name: "rnn" });
 * const { final } = scan({ sequences: { x }, init: { h: zeros([B, 50]) }, step: cell.step });
 */
export function rnn<D extends FloatDType = "float32">(options: RnnOptions<D>): Cell<HiddenState<D>>;
export function rnn(options: RnnOptions): Cell<{ readonly h: Tensor }> {
  checkCell("rnn", options, ["activation", "bias"]);
  const { hiddenSize, key, name, dtype = "float32", activation = tanh, bias = true } = options;
  const { Wx, Wh } = gateWeights(options, 1);
  const b = bias ? parameter(`${name}.b`, [hiddenSize], zero, key, dtype) : undefined;
  return {
    parameters: b === undefined ? [Wx, Wh] : [Wx, Wh, b],
    hiddenSize,
    init: (batch) => ({ h: zeros([batch, hiddenSize], dtype) }),
    step({ x, h }) {
      const product = add(inputProduct(x, Wx), dot(h, Wh));
      return { h: activation(b === undefined ? product : add(product, b)) };
    },
  };
}
