/**
 * Learning rates that change: pure functions from the number of updates done so far to a rate, as graphs in float64, or in float32 for
 * devices that have no other numbers.
 * An optimiser keeps that number as an int32 shared variable.
 */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, minimum, mul, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { lt } from "../ops/compare.ts";
import { constant as constantTensor } from "../ops/constant.ts";
import { where } from "../ops/logic.ts";
import { cos, exp, log } from "../ops/transcendental.ts";

/** The rate of update `step`, counted from 0: int32 scalar to a scalar of `dtype` (default: float64). */
export type Schedule = (step: Tensor<"int32">, dtype?: "float64" | "float32") => Tensor;

/** @throws ArgumentError SCHEDULE */
function checkOptions(name: string, options: object, known: readonly string[]): void {
  const unknown = unknownOption(options, known);
  if (unknown !== undefined)
    throw new ArgumentError("SCHEDULE", `${name} ${unknown.problem}`, unknown);
}

const number = (value: number, dtype: "float64" | "float32" = "float64"): Tensor =>
  constantTensor(value, dtype);

/** step / steps, at most 1. @throws ArgumentError SCHEDULE */
function progress(name: string, steps: number): Schedule {
  if (!Number.isSafeInteger(steps) || steps <= 0)
    throw new ArgumentError("SCHEDULE", `${name}: steps must be a whole number > 0, got ${steps}`);
  return (step, dtype = "float64") => minimum(div(cast(step, dtype), steps), 1);
}

/** @throws ArgumentError SCHEDULE */
function requireRate(schedule: string, name: string, rate: number): void {
  if (!Number.isFinite(rate))
    throw new ArgumentError("SCHEDULE", `${schedule}: ${name} is ${String(rate)}`, {
      hint: "give a number: linear({ from: 0.1, to: 0, steps: 1000 })",
    });
}

/** Always the same rate. @throws ArgumentError SCHEDULE */
export function constant(rate: number): Schedule {
  requireRate("constant", "the rate", rate);
  return (_step, dtype) => number(rate, dtype);
}

export interface DecayOptions {
  readonly from: number;
  /** Default: 0. */
  readonly to?: number;
  /** After how many updates `to` is reached; it stays there. */
  readonly steps: number;
}

/** A straight line. @throws ArgumentError SCHEDULE */
export function linear(options: DecayOptions): Schedule {
  checkOptions("linear", options, ["from", "to", "steps"]);
  const { from, to = 0, steps } = options;
  requireRate("linear", "from", from);
  requireRate("linear", "to", to);
  const part = progress("linear", steps);
  return (step, dtype) => add(mul(part(step, dtype), to - from), from);
}

/** Half a cosine wave (Loshchilov & Hutter 2017). @throws ArgumentError SCHEDULE */
export function cosine(options: DecayOptions): Schedule {
  checkOptions("cosine", options, ["from", "to", "steps"]);
  const { from, to = 0, steps } = options;
  requireRate("cosine", "from", from);
  requireRate("cosine", "to", to);
  const part = progress("cosine", steps);
  return (step, dtype) =>
    add(mul(add(cos(mul(part(step, dtype), Math.PI)), 1), (from - to) / 2), to);
}

export interface ExponentialOptions {
  readonly from: number;
  /** What `steps` updates multiply the rate by, > 0. */
  readonly factor: number;
  readonly steps: number;
}

/** from * factor^(step / steps), without end. @throws ArgumentError SCHEDULE */
export function exponential(options: ExponentialOptions): Schedule {
  checkOptions("exponential", options, ["from", "factor", "steps"]);
  const { from, factor, steps } = options;
  requireRate("exponential", "from", from);
  progress("exponential", steps);
  if (!(factor > 0))
    throw new ArgumentError("SCHEDULE", `exponential: factor must be > 0, got ${factor}`);
  return (step, dtype = "float64") =>
    mul(exp(mul(div(cast(step, dtype), steps), log(number(factor, dtype)))), from);
}

/**
 * Grows in a straight line over `steps` updates up to what `then` begins with, then is `then`, counted from there.
 * @example adam({ learningRate: warmup(100, cosine({ from: 3e-3, steps: 10_000 })) });
 * @throws ArgumentError SCHEDULE
 */
export function warmup(steps: number, then: Schedule | number): Schedule {
  const part = progress("warmup", steps);
  const after = typeof then === "number" ? constant(then) : then;
  if (typeof after !== "function")
    throw new ArgumentError("SCHEDULE", `warmup: what follows is ${typeof after}`, {
      hint: "give a number or a schedule: warmup(100, cosine({ from: 3e-3, steps: 10_000 }))",
    });
  return (step, dtype) => {
    const growing = mul(part(add(step, 1), dtype), after(constantTensor(0, "int32"), dtype));
    return where(lt(step, steps), growing, after(sub(step, steps), dtype));
  };
}
