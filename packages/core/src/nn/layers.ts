/** Layers: functions of tensors that own parameters. */
import type { Shared } from "../api/shared.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { dot } from "../ops/dot.ts";
import { foldIn } from "../ops/random-key.ts";
import { take } from "../ops/subtensor.ts";
import { checkNames, checkOptions } from "./check-options.ts";
import { glorotUniform, uniform, zero, type Initializer, type Key } from "./initializers.ts";
import { parameter, type FloatDType } from "./parameter.ts";

/** Which rows of padded sequences count. */
export interface SequenceOptions {
  /** `[B]`: the length of each sequence. */
  readonly lengths?: Tensor<"int32">;
}

/** A function of a tensor with parameters; layers over time respect `lengths`. */
export interface Layer {
  (x: Tensor, options?: SequenceOptions): Tensor;
  readonly parameters: readonly Shared[];
}

/** A layer called `what` in messages. A call throws ArgumentError LAYER_OPTION where an option is unknown. */
export function asLayer(
  what: string,
  parameters: readonly Shared[],
  call: (x: Tensor, options: SequenceOptions) => Tensor,
): Layer {
  const checked = (x: Tensor, options: SequenceOptions = {}): Tensor => {
    checkNames(what, options, ["lengths"]);
    return call(x, options);
  };
  return Object.assign(checked, { parameters });
}

export interface DenseOptions {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly key: Key;
  /** Prefix of the parameters' names. */
  readonly name: string;
  readonly dtype?: FloatDType;
  /** Default: glorotUniform. */
  readonly init?: Initializer;
  /** Default: true. */
  readonly bias?: boolean;
  /** Default: none. */
  readonly activation?: (x: Tensor) => Tensor;
}

/**
 * activation(x W + b) along the last axis: `[..., I]` to `[..., O]`.
 * @example const output = dense({ inputSize: 64, outputSize: 10, key: key(2), name: "output" });
 * const logits = output(final.h);
 */
export function dense(options: DenseOptions): Layer {
  checkOptions("dense", options, ["inputSize", "outputSize"], ["init", "bias", "activation"]);
  const { inputSize, outputSize, key, name, dtype = "float32", bias = true } = options;
  const { init = glorotUniform, activation = (x) => x } = options;
  const W = parameter(`${name}.W`, [inputSize, outputSize], init, foldIn(key, 0), dtype);
  const b = bias ? parameter(`${name}.b`, [outputSize], zero, key, dtype) : undefined;
  return asLayer(`layer "${name}"`, b === undefined ? [W] : [W, b], (x) =>
    activation(b === undefined ? dot(x, W) : add(dot(x, W), b)),
  );
}

export interface EmbeddingOptions {
  /** How many ids there are: 0 .. count - 1. */
  readonly count: number;
  readonly size: number;
  readonly key: Key;
  /** Prefix of the parameter's name. */
  readonly name: string;
  readonly dtype?: FloatDType;
  /** Default: uniform. */
  readonly init?: Initializer;
}

/**
 * A row of a table for each id: int32 `[...]` to `[..., size]`.
 * @example const letters = embedding({ count: 27, size: 16, key: key(3), name: "letters" });
 * const x = letters(ids);
 */
export function embedding(options: EmbeddingOptions): Layer {
  checkOptions("embedding", options, ["count", "size"], ["init"]);
  const { count, size, key, name, dtype = "float32", init = uniform } = options;
  const table = parameter(`${name}.table`, [count, size], init, key, dtype);
  return asLayer(`layer "${name}"`, [table], (ids) => take(table, ids));
}

/**
 * Layers one after the other.
 * @example const model = sequential([letters, layer(first), layer(second), output]);
 * const logits = model(ids, { lengths });
 */
export function sequential(layers: readonly Layer[]): Layer {
  const parameters = layers.flatMap((layer) => layer.parameters);
  return asLayer("sequential", parameters, (x, options) =>
    layers.reduce((value, layer) => layer(value, options), x),
  );
}
