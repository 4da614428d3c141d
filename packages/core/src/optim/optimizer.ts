/** What optimisers share: options, state that belongs to parameters, the list of updates. */
import type { Update } from "../api/scan/types.ts";
import type { Shared } from "../api/shared.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { nearest } from "../errors/nearest.ts";
import { isFloating } from "../graph/dtype.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { constant } from "../ops/constant.ts";
import { clipGradients, requireNorm } from "./clip.ts";
import type { Schedule } from "./schedules.ts";
import { OptimizerState } from "./state.ts";

/** Builds updates of parameters from their gradients; its state is made when they are. */
export interface Optimizer {
  /**
   * New values of parameters and of the state. State belongs to a parameter: asked again, the same variables go on.
   * @example const updates = adam({ learningRate: 1e-3 }).updates(params, grad(cost, params), { scalars: "float32" });
   * @throws ArgumentError OPTIM_COUNT, OPTIM_OPTION; ShapeError OPTIM_GRADIENT
   */
  updates(
    parameters: readonly Shared[],
    gradients: readonly Tensor[],
    options?: UpdatesOptions,
  ): Update[];
  /** What a checkpoint must hold beside the parameters. */
  readonly state: readonly Shared[];
}

export interface UpdatesOptions {
  /**
   * In what learning rates, norms and running products are computed and kept. Default: float64; float32 for a GPU, which has no other.
   */
  readonly scalars?: "float64" | "float32";
}

export interface OptimizerOptions {
  /** A number, a scalar tensor (a shared variable that you set), or a schedule. */
  readonly learningRate: number | Tensor | Schedule;
  /** Scales the gradients together so that their common length is at most this. Default: no clipping. */
  readonly clipNorm?: number;
}

/** State like the parameter (zeros at first): becomes `next(old)`, and that is the result. */
export type Keep = (name: string, next: (old: Tensor) => Tensor) => Tensor;
/** A scalar of state that begins as `initial`. */
export type KeepScalar = (name: string, initial: number, next: (old: Tensor) => Tensor) => Tensor;

export interface RuleContext {
  readonly parameter: Tensor;
  /** In the dtype of the parameter. */
  readonly gradient: Tensor;
  readonly keep: Keep;
}
/** The new value of one parameter. `rate` and what the optimiser keeps for all parameters are scalars. */
export type Rule = (context: RuleContext) => Tensor;
export type MakeRule = (rate: Tensor, keepScalar: KeepScalar) => Rule;

/** @throws ArgumentError OPTIM_OPTION unless low <= value < high */
export function requireOption(
  optimizer: string,
  name: string,
  value: number,
  low: number,
  high: number,
): void {
  if (value >= low && value < high) return;
  const range = high === Infinity ? `>= ${low}` : `in [${low}, ${high})`;
  throw new ArgumentError(
    "OPTIM_OPTION",
    `${optimizer}: ${name} must be ${range}, got ${String(value)}`,
  );
}

/** What is an option of one optimiser in other libraries, and here belongs to another optimiser. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["momentum", "momentum({ learningRate: 0.1, momentum: 0.9 }) is an optimiser of its own"],
  ["nesterov", "nesterov({ learningRate: 0.1, momentum: 0.9 }) is an optimiser of its own"],
  ["weightDecay", "adamw({ learningRate: 1e-3, weightDecay: 0.01 }) is the optimiser that has it"],
]);

/**
 * The options of an optimiser called `name`; `own` are those that only it has.
 * @throws ArgumentError OPTIM_OPTION unless the names are known and the options of all optimisers have values of use
 */
export function checkOptimizer(
  name: string,
  options: OptimizerOptions,
  own: readonly string[],
): void {
  const known = ["learningRate", "clipNorm", ...own];
  const unknown = unknownOption(options, known);
  if (unknown !== undefined) {
    const others = [...elsewhere.keys()].filter((other) => !known.includes(other));
    const hint =
      elsewhere.get(nearest(unknown.name ?? "", others) ?? "") ??
      (Array.isArray(options)
        ? `${name}({ learningRate: 0.01 }).updates(parameters, gradients) gives the updates`
        : unknown.hint);
    throw new ArgumentError("OPTIM_OPTION", `${name} ${unknown.problem}`, { hint });
  }
  const rate: unknown = options.learningRate;
  if (typeof rate === "number") requireOption(name, "learningRate", rate, 0, Infinity);
  else if (typeof rate !== "function" && !(rate instanceof Tensor && rate.rank === 0))
    throw new ArgumentError(
      "OPTIM_OPTION",
      `${name}: learningRate is ${rate instanceof Tensor ? printType(rate.type) : typeof rate}`,
      { hint: "give a number, a scalar tensor or a schedule" },
    );
  if (options.clipNorm !== undefined) requireNorm(options.clipNorm);
}

/** An optimiser called `name` in the names of its state, `W.adam.mean`, `adam.step`, with options that have been checked. */
export function makeOptimizer(
  name: string,
  options: OptimizerOptions,
  makeRule: MakeRule,
): Optimizer {
  const { learningRate, clipNorm } = options;
  const state = new OptimizerState();

  const rateNow = (updates: Update[], scalars: Scalars): Tensor => {
    if (typeof learningRate === "number") return constant(learningRate, scalars);
    if (learningRate instanceof Tensor) return cast(learningRate, scalars);
    const count = state.variable(state, `${name}.step`, [], "int32");
    updates.push([count, add(count, 1)]);
    return learningRate(cast(count, "int32"), scalars);
  };

  const updated = (
    rule: Rule,
    parameter: Shared,
    place: number,
    gradient: Tensor,
    updates: Update[],
  ): Tensor => {
    const { dtype } = parameter;
    const shape = parameter.shape.map((size) => size.constant ?? 0);
    const keep: Keep = (key, next) => {
      const label = `${parameter.name ?? `parameter${place}`}.${name}.${key}`;
      const variable = state.variable(parameter, label, shape, dtype);
      const value = next(variable);
      updates.push([variable, value]);
      return value;
    };
    return rule({ parameter, gradient: cast(gradient, dtype), keep });
  };

  return {
    get state() {
      return state.variables;
    },
    updates(parameters, gradients, more = {}) {
      checkGradients(name, parameters, gradients);
      const scalars = scalarsOf(name, more);
      const updates: Update[] = [];
      const rule = makeRule(rateNow(updates, scalars), (key, initial, next) => {
        const variable = state.variable(state, `${name}.${key}`, [], scalars, initial);
        const value = next(variable);
        updates.push([variable, value]);
        return value;
      });
      const used = clipNorm === undefined ? gradients : clipGradients(gradients, clipNorm, scalars);
      for (const [i, parameter] of parameters.entries()) {
        const gradient = used[i];
        if (gradient !== undefined)
          updates.push([parameter, updated(rule, parameter, i, gradient, updates)]);
      }
      return updates;
    },
  };
}

type Scalars = NonNullable<UpdatesOptions["scalars"]>;

/** @throws ArgumentError OPTIM_OPTION */
function scalarsOf(name: string, options: UpdatesOptions): Scalars {
  const unknown = unknownOption(options, ["scalars"]);
  if (unknown !== undefined)
    throw new ArgumentError("OPTIM_OPTION", `${name}: updates ${unknown.problem}`, unknown);
  const { scalars = "float64" } = options;
  const given: unknown = scalars;
  if (given === "float64" || given === "float32") return scalars;
  throw new ArgumentError("OPTIM_OPTION", `${name}: scalars is ${JSON.stringify(given)}`, {
    hint: 'scalars are "float64" (default) or "float32"',
  });
}

/** @throws ArgumentError OPTIM_COUNT; ShapeError OPTIM_GRADIENT; DTypeError OPTIM_DTYPE */
export function checkGradients(
  name: string,
  parameters: readonly Shared[],
  gradients: readonly Tensor[],
): void {
  if (parameters.length !== gradients.length)
    throw new ArgumentError(
      "OPTIM_COUNT",
      `${name}: ${parameters.length} parameters and ${gradients.length} gradients`,
      { hint: "give one gradient for each: grad(cost, parameters)" },
    );
  for (const [i, parameter] of parameters.entries()) {
    if (!isFloating(parameter.dtype))
      throw new DTypeError(
        "OPTIM_DTYPE",
        `${name}: ${describe(parameter)} is ${parameter.dtype} and cannot be moved by fractions`,
        { hint: "train float32 or float64 parameters" },
      );
    const gradient = gradients[i];
    if (gradient === undefined || fits(parameter, gradient)) continue;
    throw new ShapeError(
      "OPTIM_GRADIENT",
      `${name}: the gradient of ${describe(parameter)} ${printType(parameter.type)} is ${printType(gradient.type)}`,
      { hint: "give the gradients in the order of the parameters" },
    );
  }
}

function fits(parameter: Tensor, gradient: Tensor): boolean {
  return (
    parameter.rank === gradient.rank &&
    parameter.shape.every((size, axis) => {
      const other = gradient.shape[axis]?.constant;
      return other === undefined || other === size.constant;
    })
  );
}
