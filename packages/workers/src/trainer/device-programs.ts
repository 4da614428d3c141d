/** From the model's graph to what a device runs: a whole training step as one function, and the others beside it. */
import {
  abs,
  and,
  cast,
  compile,
  eq,
  gt,
  le,
  where,
  type NDArray,
  type Shared,
  type Tensor,
  type TensorValue,
  type Update,
} from "@scan-train/core";
import type { DeviceBackend } from "@scan-train/core/backend-kit";
import { result, sumAt } from "../compute/work.ts";
import { halt } from "../protocol/messages.ts";
import type { ModelGraph } from "./model-graph.ts";
import {
  averaged,
  gradientNorm,
  gradientsOf,
  sumsOf,
  type ProgramFace,
  type ProgramFaces,
} from "./programs.ts";
import { sharedOf, usedInputs } from "./reach.ts";
import type { Optimizer } from "./types.ts";

type Named<T> = Readonly<Record<string, T>>;

/** A compiled function of the model's inputs. */
export interface DeviceFunction {
  (inputs: Named<TensorValue>): Promise<Named<NDArray>>;
  explain(): string;
  dispose(): void;
}

/** A function and its inputs, which are gathered for it. */
export interface DeviceProgram {
  readonly run: DeviceFunction;
  readonly inputs: ReadonlyMap<string, Tensor>;
}

export interface DevicePrograms {
  readonly train: DeviceProgram;
  readonly evaluate: DeviceProgram;
  readonly predict: DeviceProgram | undefined;
  readonly faces: ProgramFaces;
  /** Parameters first, then what the optimiser keeps, and what else there is. */
  readonly variables: readonly Shared[];
}

/** The greatest float32. */
const greatest = 3.4028234663852886e38;
const isFinite = (x: Tensor): Tensor => and(eq(x, x), le(abs(x), greatest));

/** New values where there is something to learn and all is finite, else the old ones. */
function guarded(
  weight: Tensor,
  values: readonly Tensor[],
  updates: readonly Update[],
): readonly Update[] {
  const ok = values.map(isFinite).reduce<Tensor>((x, y) => and(x, y), gt(weight, 0));
  return updates.map(([target, value]) => [target, where(ok, value, target)] as const);
}

/** @throws UnsupportedError for what the device lacks, such as float64 */
export async function compileForDevice(
  name: string,
  model: ModelGraph,
  optimizer: Optimizer,
  backend: DeviceBackend,
): Promise<DevicePrograms> {
  const { outputs: sums, names } = sumsOf(model, "float32");
  const { parameters, penalty } = model;
  const { weight, loss } = sums;
  if (weight === undefined || loss === undefined) throw new RangeError("sums without a loss");
  const gradients = averaged(model, gradientsOf(model), weight);
  const norm = gradientNorm(gradients, "float32");
  const penalties = penalty === undefined ? {} : { penalty: cast(penalty, "float32") };
  const updates = guarded(
    weight,
    [loss, norm, ...Object.values(penalties)],
    optimizer.updates(parameters, gradients, { scalars: "float32" }),
  );
  const made: DeviceProgram[] = [];
  const make = async (
    program: string,
    outputs: Named<Tensor>,
    changes: readonly Update[] = [],
  ): Promise<DeviceProgram & { readonly face: ProgramFace }> => {
    const results = [...Object.values(outputs), ...changes.map(([, value]) => value)];
    const inputs = usedInputs(model.inputs, results);
    const run: DeviceFunction = await compile({
      name: `${name} ${program}`,
      inputs,
      outputs,
      updates: changes,
      backend,
    });
    const compiled = { run, inputs: new Map(Object.entries(inputs)) };
    made.push(compiled);
    return { ...compiled, face: faceOf(program, inputs, outputs, run) };
  };
  try {
    const train = await make("train", { ...sums, "gradient norm": norm, ...penalties }, updates);
    const evaluate = await make("evaluate", sums);
    const outputs = Object.fromEntries(model.outputs);
    const predict = model.outputs.length === 0 ? undefined : await make("predict", outputs);
    const reached = sharedOf([
      ...updates.map(([, value]) => value),
      ...Object.values(sums),
      ...Object.values(outputs),
    ]);
    return {
      train,
      evaluate,
      predict,
      faces: {
        gradient: train.face,
        update: undefined,
        evaluate: evaluate.face,
        predict: predict?.face,
        sums: names,
      },
      variables: [...new Set([...parameters, ...updates.map(([target]) => target), ...reached])],
    };
  } catch (error) {
    for (const { run } of made) run.dispose();
    throw error;
  }
}

/** What makes the results of a step count for nothing. */
export function nonFinite(results: Float64Array): { code: number; task: number } | undefined {
  if (!Number.isFinite(results[result.sums + sumAt.loss]))
    return { code: halt.nonFiniteLoss, task: 0 };
  if (!Number.isFinite(results[result.penalty])) return { code: halt.nonFiniteLoss, task: -1 };
  if (!Number.isFinite(results[result.gradientNorm]))
    return { code: halt.nonFiniteGradient, task: 0 };
  return undefined;
}

/** The function tests sizes itself. */
function faceOf(
  name: string,
  inputs: Named<Tensor>,
  outputs: Named<Tensor>,
  run: DeviceFunction,
): ProgramFace {
  const arrays = (named: Named<Tensor>): ProgramFace["plan"]["inputs"] =>
    Object.entries(named).map(([key, { dtype, shape }], buffer) => ({
      name: key,
      dtype,
      shape,
      buffer,
    }));
  const budget = { bytes: Infinity, loop: "", chunks: [] };
  return {
    checks: [],
    plan: { name, inputs: arrays(inputs), outputs: arrays(outputs), budget, slots: [] },
    explain: () => run.explain(),
  };
}
