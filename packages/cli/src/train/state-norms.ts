import { type Shared, type Tensor, add, compile, sqr, sqrt, sum, tensor } from "@scan-train/core";
import type { EncodedRow } from "../data/encode.ts";
import type { RunConfig } from "../run-folder/config.ts";
import { UsageError } from "../errors.ts";
import { padded, sequenceInputs, sequenceOf } from "./batch.ts";
import { buildModel } from "./build-model.ts";

/** How much the loss depends on the state after each step: where gradients vanish, the first norms are nearly 0. */
export interface StateNorms {
  /** Set them to look at another moment of training. */
  readonly parameters: readonly Shared[];
  /**
   * For each step, the average over the rows that have it: the norm of the derivative of a row's loss by the state
   * after the step (of an LSTM: by both states together).
   */
  readonly norms: (rows: readonly EncodedRow[]) => number[];
}

/**
 * Compiles gradients by time step for the model of a config.
 *
 * @throws {@link UsageError} for several layers, both directions, or answers at every step
 */
export async function compileStateNorms(
  config: Pick<RunConfig, "encoding" | "model" | "training">,
): Promise<StateNorms> {
  const { encoding, model: options, training } = config;
  const { kind } = encoding.target;
  if (kind !== "label" && kind !== "number") {
    throw new UsageError("gradients by time step need one answer for each sequence", {
      hint: "take a task with a label or a number",
    });
  }
  const model = buildModel(encoding, options, training.seed);
  const isIds = kind === "label";
  const y = tensor("y", { dtype: isIds ? "int32" : "float32", shape: ["B"] });
  const inputs = { ...sequenceInputs(encoding), y };
  const squares = model
    .stateGradients(inputs)
    .map((gradient): Tensor => sum(sqr(gradient), -1))
    .reduce((all, one) => add(all, one));
  const compiled = await compile({
    name: "state norms",
    inputs,
    outputs: { norms: sqrt(squares) },
  });
  return {
    parameters: model.parameters,
    norms: (rows) => {
      const sequences = rows.map(({ x }) => sequenceOf(encoding, x));
      const answers = rows.map((row) => Number(row.y));
      const data = isIds ? Int32Array.from(answers) : Float32Array.from(answers);
      const { norms } = compiled({ ...padded(sequences), y: { data, shape: [rows.length] } });
      const steps = norms.shape[0] ?? 0;
      return Array.from({ length: steps }, (_, t) => {
        const has = sequences.flatMap(({ length }, row) => (length > t ? [row] : []));
        const total = has.reduce((n, row) => n + (norms.data[t * rows.length + row] ?? 0), 0);
        return total / has.length;
      });
    },
  };
}
