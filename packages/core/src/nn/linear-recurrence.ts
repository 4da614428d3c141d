/** A recurrence without products of states (Martin & Cundy 2018; Orvieto et al. 2023): every unit forgets at a pace of its own. */
import { add, mul } from "../ops/arithmetic.ts";
import { foldIn } from "../ops/random-key.ts";
import { sigmoid } from "../ops/transcendental.ts";
import { generate } from "../graph/ndarray.ts";
import type { Tensor } from "../graph/tensor.ts";
import { inputProduct, zeroState, type Cell, type CellOptions, type HiddenState } from "./cell.ts";
import { checkNames, checkOptions } from "./check-options.ts";
import { glorotUniform, zero, type Initializer } from "./initializers.ts";
import { parameter, type FloatDType } from "./parameter.ts";

export interface LinearRecurrenceOptions<D extends FloatDType = FloatDType> extends Omit<
  CellOptions<D>,
  "init"
> {
  /** Default: glorotUniform for the input; r evenly from 0 to 5, so that units remember between 2 and 150 steps. */
  readonly init?: { readonly input?: Initializer; readonly decay?: Initializer };
}

/** Evenly from 0 to 5. */
const spread: Initializer = (_key, shape) => {
  const [size = 1] = shape;
  return generate("float64", shape, (i) => (5 * (i + 0.5)) / size);
};

/**
 * h' = a h + x Wx + b with a = sigmoid(r), which stays between 0 and 1: Wx `[I, H]`, b and r `[H]`
 * (Martin & Cundy 2018, "Parallelizing linear recurrent neural nets over sequence length"; Orvieto et al. 2023).
 * @example
 * const memory = linearRecurrence({ inputSize: 12, hiddenSize: 64, key: key(1), name: "memory" });
 * const { outputs } = run(memory, x, { lengths });
 * @throws ArgumentError LAYER_OPTION; DTypeError RANDOM_KEY
 */
export function linearRecurrence<D extends FloatDType = "float32">(
  options: LinearRecurrenceOptions<D>,
): Cell<HiddenState<D>>;
export function linearRecurrence(options: LinearRecurrenceOptions): Cell<{ readonly h: Tensor }> {
  checkOptions("linearRecurrence", options, ["inputSize", "hiddenSize"], ["init"]);
  const { inputSize, hiddenSize, key, name, dtype, init = {} } = options;
  checkNames("linearRecurrence: init", init, ["input", "decay"]);
  const { input = glorotUniform, decay = spread } = init;
  const Wx = parameter(`${name}.Wx`, [inputSize, hiddenSize], input, foldIn(key, 0), dtype);
  const r = parameter(`${name}.r`, [hiddenSize], decay, foldIn(key, 1), dtype);
  const b = parameter(`${name}.b`, [hiddenSize], zero, key, dtype);
  return {
    parameters: [Wx, r, b],
    hiddenSize,
    init: (batch) => ({ h: zeroState(options, batch) }),
    step: ({ x, h }) => ({ h: add(mul(sigmoid(r), h), add(inputProduct(x, Wx), b)) }),
  };
}
