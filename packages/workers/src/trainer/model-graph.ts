/** The user's model, called once: symbolic inputs go in, unreduced losses come out and are checked. */
import {
  ArgumentError,
  ShapeError,
  tensor,
  where,
  zerosLike,
  type Shared,
  type SizeSpec,
  type Tensor,
} from "@scan-train/core";
import { unknownOption } from "@scan-train/core/backend-kit";
import type { Field, Fields } from "../data/fields.ts";
import { mixingTensor, sharedOf, usedInputs } from "./reach.ts";
import type { ModelInputs, ModelResult } from "./types.ts";

/** A checked model. */
export interface ModelGraph {
  /** Fields and extras by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly loss: Tensor;
  /** Undefined: 1 per sequence. */
  readonly weight: Tensor | undefined;
  readonly mask: Tensor | undefined;
  readonly penalty: Tensor | undefined;
  readonly metrics: readonly (readonly [string, Tensor])[];
  readonly outputs: readonly (readonly [string, Tensor])[];
  /** Variables to train, in order of first use. */
  readonly parameters: readonly Shared[];
}

function inputOf(name: string, { dtype, ragged, shape }: Field): Tensor {
  const sizes: SizeSpec[] = ragged ? ["T", "B", ...shape] : ["B", ...shape];
  return tensor(name, { dtype, shape: sizes });
}

function makeInputs(fields: Fields): Map<string, Tensor> {
  const inputs = new Map(Object.entries(fields).map(([name, x]) => [name, inputOf(name, x)]));
  if (Object.values(fields).some((x) => x.ragged)) {
    inputs.set("lengths", tensor("lengths", { dtype: "int32", shape: ["B"] }));
    if (!inputs.has("mask"))
      inputs.set("mask", tensor("mask", { dtype: "bool", shape: ["T", "B"] }));
  }
  inputs.set("keys", tensor("keys", { dtype: "int32", shape: ["B", 2] }));
  inputs.set("training", tensor("training", { dtype: "bool", shape: [] }));
  return inputs;
}

/**
 * Builds and checks the graph.
 * @throws ShapeError MODEL_LOSS, MODEL_WEIGHT, MODEL_METRIC, MODEL_OUTPUT, MODEL_PENALTY, MODEL_MIXES; ArgumentError MODEL_RESULT,
 * MODEL_PARAMETERS
 */
export function buildModel<F extends Fields>(
  fields: F,
  model: (inputs: ModelInputs<F>) => ModelResult,
  frozen: readonly Shared[],
): ModelGraph {
  const inputs = makeInputs(fields);
  const given: unknown = Object.fromEntries(inputs);
  const {
    loss,
    weight,
    penalty,
    metrics = {},
    outputs = {},
  } = checkResult(model(given as ModelInputs<F>));
  checkLoss(loss);
  const mask = inputs.get("mask");
  const rows = new Set([...inputs.values()].filter((x) => x.rank > 0));
  const mixing = mixingTensor([loss], rows);
  if (mixing !== undefined) throw mixes(mixing);
  for (const [name, metric] of Object.entries(metrics)) checkMetric(name, metric);
  for (const [name, output] of Object.entries(outputs)) checkOutput(name, output);
  if (penalty !== undefined) checkPenalty(penalty, inputs);
  const parameters = sharedOf(penalty === undefined ? [loss] : [loss, penalty]).filter(
    (x) => (x.dtype === "float32" || x.dtype === "float64") && !frozen.includes(x),
  );
  checkParameters(parameters);
  return {
    inputs,
    loss,
    weight: checkedWeight(loss, weight, mask),
    mask,
    penalty,
    metrics: Object.entries(metrics),
    outputs: Object.entries(outputs),
    parameters,
  };
}

/** Users of plain JavaScript may return anything. */
function checkResult(result: ModelResult | undefined): ModelResult {
  const loss: unknown = result?.loss;
  if (result === undefined || !isTensor(loss))
    throw new ArgumentError("MODEL_RESULT", "the model returned no loss", {
      hint: "return { loss } with one loss per sequence, [B], or per time step, [T, B]",
    });
  const unknown = unknownOption(result, ["loss", "weight", "penalty", "metrics", "outputs"]);
  if (unknown === undefined) return result;
  throw new ArgumentError("MODEL_RESULT", `the result of the model ${unknown.problem}`, unknown);
}

function isTensor(x: unknown): x is Tensor {
  return typeof x === "object" && x !== null && "origin" in x && "shape" in x;
}

const show = ({ shape }: Tensor): string => `[${shape.join(", ")}]`;
const isBatch = (x: Tensor, axis: number): boolean => x.shape[axis]?.key === "B";
const perRowOrStep = (x: Tensor): boolean =>
  (x.rank === 1 && isBatch(x, 0)) || (x.rank === 2 && isBatch(x, 1));

function checkLoss(loss: Tensor): void {
  if (loss.dtype !== "float32" && loss.dtype !== "float64")
    throw new ShapeError("MODEL_LOSS", `the loss is ${loss.dtype}, not a floating-point number`);
  if (perRowOrStep(loss)) return;
  const notes = [`made at ${loss.site.toString()}`];
  if (loss.rank === 0)
    throw new ShapeError(
      "MODEL_LOSS",
      "the loss is a scalar: it was summed or averaged over the batch",
      {
        notes,
        hint: "return one loss per sequence, [B], or per time step, [T, B]; the trainer sums and divides by the total weight, which is right for any lengths and any number of workers",
      },
    );
  throw new ShapeError("MODEL_LOSS", `the loss has shape ${show(loss)}, not [B] or [T, B]`, {
    notes,
    hint: isBatch(loss, 0)
      ? "sum it over the axes after the batch; time goes before the batch"
      : "keep the batch axis, and sum over all axes but time and batch",
  });
}

function mixes(tensor: Tensor): ShapeError {
  return new ShapeError(
    "MODEL_MIXES",
    `the loss of a sequence depends on the other sequences of its batch`,
    {
      notes: [
        `a value of shape ${show(tensor)} over the whole batch is made at ${tensor.site.toString()}`,
      ],
      hint: "compute each sequence's loss from that sequence alone: statistics of a batch would differ between shards; use layer normalisation, or constants computed before",
    },
  );
}

function checkedWeight(
  loss: Tensor,
  weight: Tensor | undefined,
  mask: Tensor | undefined,
): Tensor | undefined {
  const shape = show(loss);
  if (weight !== undefined) {
    // A step that a sequence does not have counts for nothing, whatever its weight.
    const isPerStep = mask !== undefined && show(mask) === shape;
    if (show(weight) === shape) return isPerStep ? where(mask, weight, zerosLike(weight)) : weight;
    throw new ShapeError(
      "MODEL_WEIGHT",
      `the weight has shape ${show(weight)}, the loss ${shape}`,
      {
        hint: "give one weight for each loss",
      },
    );
  }
  if (loss.rank === 1) return undefined;
  if (mask !== undefined && show(mask) === shape) return mask;
  throw new ShapeError("MODEL_WEIGHT", `the loss has shape ${shape}, for which there is no mask`, {
    hint: "return a weight of the same shape that says which losses count",
  });
}

function checkMetric(name: string, metric: Tensor): void {
  if (perRowOrStep(metric)) return;
  throw new ShapeError(
    "MODEL_METRIC",
    `metric "${name}" has shape ${show(metric)}, not [B] or [T, B]`,
    {
      hint: "return it unreduced; the trainer averages it as it averages the loss",
    },
  );
}

function checkOutput(name: string, output: Tensor): void {
  const axes = isBatch(output, 0) ? 1 : isBatch(output, 1) && output.shape[0]?.key === "T" ? 2 : 0;
  if (axes > 0 && output.shape.slice(axes).every((size) => size.constant !== undefined)) return;
  throw new ShapeError(
    "MODEL_OUTPUT",
    `output "${name}" has shape ${show(output)}, not [B, ...] or [T, B, ...]`,
    {
      hint: "keep the batch axis first, or second after time",
    },
  );
}

function checkPenalty(penalty: Tensor, inputs: ReadonlyMap<string, Tensor>): void {
  if (penalty.rank !== 0)
    throw new ShapeError("MODEL_PENALTY", `the penalty has shape ${show(penalty)}, not []`, {
      hint: "sum it: it is added once, whatever the batch",
    });
  const [name] = Object.keys(usedInputs(inputs, [penalty]));
  if (name !== undefined)
    throw new ShapeError("MODEL_PENALTY", `the penalty depends on the data ("${name}")`, {
      hint: "a penalty is a function of parameters; put what depends on data into the loss",
    });
}

function checkParameters(parameters: readonly Shared[]): void {
  if (parameters.length === 0)
    throw new ArgumentError(
      "MODEL_PARAMETERS",
      "the loss depends on no variable that could be trained",
      {
        hint: "make parameters with shared(value, { name }) and use them in the model",
      },
    );
  const names = new Set<string>();
  for (const { name, site } of parameters) {
    if (name !== undefined && !names.has(name)) names.add(name);
    else
      throw new ArgumentError(
        "MODEL_PARAMETERS",
        name === undefined ? "a parameter has no name" : `two parameters are called "${name}"`,
        {
          notes: [`made at ${site.toString()}`],
          hint: "give each its own: shared(value, { name }); models are saved by these names",
        },
      );
  }
}
