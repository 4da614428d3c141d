/** From the model's graph to the programs that workers run: gradient, update, evaluate, predict, and the tree of sums. */
import {
  add,
  cast,
  div,
  full,
  grad,
  mul,
  ne,
  sqr,
  sqrt,
  sum,
  tensor,
  where,
  type Shared,
  type Tensor,
  type Update,
} from "@scan-train/core";
import { compilePlan, type CompiledPlan, type ProgramPlan } from "@scan-train/core/backend-kit";
import { treeSum } from "../compute/tree.ts";
import type { ModelGraph } from "./model-graph.ts";
import { usedInputs } from "./reach.ts";
import type { Optimizer } from "./types.ts";

/** Names of a shard's sums, in order: weight, loss, then per metric its sum and, where it is not the loss's, its weight. */
export interface SumNames {
  readonly all: readonly string[];
  /** For each metric: its sum and the weight it is divided by. */
  readonly metrics: readonly {
    readonly name: string;
    readonly sum: number;
    readonly weight: number;
  }[];
}

/** What the trainer itself asks of a program, whoever runs it. */
export interface ProgramFace extends Pick<CompiledPlan, "checks" | "explain"> {
  readonly plan: Pick<ProgramPlan, "name" | "inputs" | "outputs" | "budget" | "slots">;
}

/** What runs the model's rows, and the names of the sums that it gives. */
export interface ProgramFaces {
  /** Gradients, or on a device the whole step. */
  readonly gradient: ProgramFace;
  /** Undefined where the gradient's program updates, too. */
  readonly update: ProgramFace | undefined;
  readonly evaluate: ProgramFace;
  /** Undefined when the model gives no outputs. */
  readonly predict: ProgramFace | undefined;
  readonly sums: SumNames;
}

export interface TrainerPrograms extends ProgramFaces {
  readonly gradient: CompiledPlan;
  readonly update: CompiledPlan;
  readonly evaluate: CompiledPlan;
  readonly predict: CompiledPlan | undefined;
}

export const gradientName = (i: number): string => `gradient ${i}`;

/** `x` where it has weight, times the weight; never NaN * 0. */
export function weighted(x: Tensor, weight: Tensor | undefined): Tensor {
  if (weight === undefined) return x;
  if (weight.dtype === "bool") return where(weight, x, 0);
  return where(ne(weight, 0), mul(x, cast(weight, x.dtype)), 0);
}

/** The sums that every shard gives. */
export function sumsOf(
  model: ModelGraph,
  dtype: "float32" | "float64",
): {
  readonly outputs: Record<string, Tensor>;
  readonly names: SumNames;
} {
  const { loss, weight, mask } = model;
  const weightSum = (like: Tensor, own: Tensor | undefined): Tensor =>
    sum(own === undefined ? full(like.shape, 1, dtype) : cast(own, dtype));
  const outputs: Record<string, Tensor> = {
    weight: weightSum(loss, weight),
    loss: sum(cast(weighted(loss, weight), dtype)),
  };
  const all = ["weight", "loss"];
  const metrics = model.metrics.map(([name, metric]) => {
    const same = metric.rank === loss.rank;
    const own = same ? weight : metric.rank === 1 ? undefined : mask;
    outputs[`metric ${name}`] = sum(weighted(cast(metric, dtype), own));
    const at = all.push(`metric ${name}`) - 1;
    if (same) return { name, sum: at, weight: 0 };
    outputs[`weight ${name}`] = weightSum(metric, own);
    return { name, sum: at, weight: all.push(`weight ${name}`) - 1 };
  });
  return { outputs, names: { all, metrics } };
}

/** The gradients of the sum of all losses. */
export function gradientsOf(model: ModelGraph): readonly Tensor[] {
  const cost = sum(weighted(model.loss, model.weight));
  return grad(cost, [...model.parameters], { disconnectedInputs: "ignore" });
}

/** Gradients of the average and the penalty from those of the sum: one division by the total weight. */
export function averaged(
  { parameters, penalty }: ModelGraph,
  sums: readonly Tensor[],
  weight: Tensor,
): readonly Tensor[] {
  const penalties =
    penalty === undefined
      ? undefined
      : grad(penalty, [...parameters], { disconnectedInputs: "ignore" });
  return parameters.map((p, i) => {
    const mean = div(sums[i] ?? p, cast(weight, p.dtype));
    const more = penalties?.[i];
    return more === undefined ? mean : add(mean, more);
  });
}

/** The length of all gradients together. */
export function gradientNorm(gradients: readonly Tensor[], dtype: "float32" | "float64"): Tensor {
  const squares = gradients.map((g) => sum(sqr(cast(g, dtype))));
  return sqrt(treeSum<Tensor>(squares, (x, y) => add(x, y)) ?? full([], 0, dtype));
}

interface UpdateGraph {
  readonly inputs: Record<string, Tensor>;
  readonly outputs: Record<string, Tensor>;
  readonly updates: readonly Update[];
}

/** Sums to updates: the average, then the optimiser, which may clip. */
function updateGraph(model: ModelGraph, optimizer: Optimizer): UpdateGraph {
  const { parameters, penalty } = model;
  const weight = tensor("weight", { dtype: "float64", shape: [] });
  const inputs: Record<string, Tensor> = { weight };
  const sums = parameters.map((p: Shared, i) => {
    const shape = p.shape.map((size) => size.constant ?? 0);
    const total = tensor(gradientName(i), { dtype: p.dtype, shape });
    inputs[gradientName(i)] = total;
    return total;
  });
  const gradients = averaged(model, sums, weight);
  return {
    inputs,
    outputs: {
      "gradient norm": gradientNorm(gradients, "float64"),
      ...(penalty === undefined ? {} : { penalty: cast(penalty, "float64") }),
    },
    updates: optimizer.updates(parameters, gradients),
  };
}

/** What the programs run on. */
export interface Target {
  readonly sharedMemory: boolean;
}

export async function compilePrograms(
  name: string,
  model: ModelGraph,
  optimizer: Optimizer,
  { sharedMemory }: Target,
): Promise<TrainerPrograms> {
  const { outputs, names } = sumsOf(model, "float64");
  const gradients = Object.fromEntries(gradientsOf(model).map((g, i) => [gradientName(i), g]));
  const compileRows = (program: string, wanted: Record<string, Tensor>): Promise<CompiledPlan> =>
    compilePlan({
      name: `${name} ${program}`,
      inputs: usedInputs(model.inputs, Object.values(wanted)),
      outputs: wanted,
      sharedMemory,
    });
  const predictions = Object.fromEntries(model.outputs);
  return {
    gradient: await compileRows("gradient", { ...outputs, ...gradients }),
    update: await compilePlan({
      name: `${name} update`,
      sharedMemory,
      ...updateGraph(model, optimizer),
    }),
    evaluate: await compileRows("evaluate", outputs),
    predict: model.outputs.length === 0 ? undefined : await compileRows("predict", predictions),
    sums: names,
  };
}

/** Adds `shards` vectors in the fixed tree. */
export function compileReduce(
  dtype: "float32" | "float64",
  shards: number,
  { sharedMemory }: Target,
): Promise<CompiledPlan> {
  const inputs = Array.from({ length: shards }, (_, i) =>
    tensor(`shard ${i}`, { dtype, shape: ["N"] }),
  );
  const total = treeSum<Tensor>(inputs, (x, y) => add(x, y)) ?? full([0], 0, dtype);
  return compilePlan({
    name: `add ${shards} shards`,
    inputs: Object.fromEntries(inputs.map((x, i) => [`shard ${i}`, x])),
    outputs: { total },
    sharedMemory,
  });
}
