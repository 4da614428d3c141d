import type { Shared, Tensor } from "@scan-train/core";
import {
  type Cell,
  type CellOptions,
  bidirectional,
  gru,
  lstm,
  rnn,
  run,
  stateGradients,
} from "@scan-train/core/nn";
import type { ModelOptions } from "../run-folder/config.ts";

/** A cell run over sequences, or two of them in opposite directions. */
export interface RecurrentLayer {
  readonly parameters: readonly Shared[];
  readonly run: (
    x: Tensor,
    lengths: Tensor<"int32">,
  ) => { readonly outputs: Tensor; readonly final: Tensor };
  /** Derivatives of a scalar made of what `run` gives, with respect to each state `[T, B, H]`; none in two directions. */
  readonly stateGradients?: (
    x: Tensor,
    lengths: Tensor<"int32">,
    cost: (run: { readonly outputs: Tensor; readonly final: Tensor }) => Tensor,
  ) => readonly Tensor[];
}

/**
 * The layers that the options ask for, from the input to the output.
 *
 * @param keyFor random keys of cells by number
 */
export function recurrentLayers(
  options: ModelOptions,
  inputSize: number,
  keyFor: (index: number) => Tensor<"int32">,
): RecurrentLayer[] {
  const { layers, hidden, cell, bidirectional: both } = options;
  return Array.from({ length: layers }, (_, index) => {
    const width = index === 0 ? inputSize : hidden * (both ? 2 : 1);
    const name = layers === 1 ? cell : `${cell}${index + 1}`;
    if (!both)
      return oneWay(cell, { inputSize: width, hiddenSize: hidden, key: keyFor(2 * index), name });
    const forwards = {
      inputSize: width,
      hiddenSize: hidden,
      key: keyFor(2 * index),
      name: `${name}.forwards`,
    };
    const backwards = { ...forwards, key: keyFor(2 * index + 1), name: `${name}.backwards` };
    return bothWays(cell, forwards, backwards);
  });
}

/** A switch in each place that makes cells, since the states of an LSTM have another type. */
function oneWay(cell: ModelOptions["cell"], options: CellOptions): RecurrentLayer {
  const layer = <S extends { readonly h: Tensor } & Readonly<Record<string, Tensor>>>(
    made: Cell<S>,
  ): RecurrentLayer => ({
    parameters: made.parameters,
    stateGradients: (x, lengths, cost) =>
      Object.values(
        stateGradients(
          made,
          x,
          ({ outputs, final }) => cost({ outputs: outputs.h, final: final.h }),
          { lengths },
        ),
      ),
    run: (x, lengths) => {
      const { outputs, final } = run(made, x, { lengths });
      return { outputs: outputs.h, final: final.h };
    },
  });
  switch (cell) {
    case "rnn":
      return layer(rnn(options));
    case "gru":
      return layer(gru(options));
    case "lstm":
      return layer(lstm(options));
    default:
      return cell satisfies never;
  }
}

function bothWays(
  cell: ModelOptions["cell"],
  forwards: CellOptions,
  backwards: CellOptions,
): RecurrentLayer {
  const layer = <S extends { readonly h: Tensor }>(
    there: Cell<S>,
    back: Cell<S>,
  ): RecurrentLayer => ({
    parameters: [...there.parameters, ...back.parameters],
    run: (x, lengths) => bidirectional(there, back, x, { lengths }),
  });
  switch (cell) {
    case "rnn":
      return layer(rnn(forwards), rnn(backwards));
    case "gru":
      return layer(gru(forwards), gru(backwards));
    case "lstm":
      return layer(lstm(forwards), lstm(backwards));
    default:
      return cell satisfies never;
  }
}
