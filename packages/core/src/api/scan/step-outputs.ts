/** What a step may return, taken apart and put together again. */
import { ArgumentError, type ErrorDetails } from "../../errors/errors.ts";
import { Tensor } from "../../graph/tensor.ts";
import { StepReturn } from "./step-result.ts";
import type { Update } from "./types.ts";

/** The tensors of a step's result in order, with their keys where it is a record. */
export interface StepOutputs {
  readonly kind: "none" | "single" | "list" | "record";
  readonly keys: readonly string[];
  readonly tensors: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly until: Tensor | undefined;
}

const fail = (label: string, message: string, details: ErrorDetails = {}): never => {
  throw new ArgumentError("SCAN_STEP_RESULT", `${label}: ${message}`, details);
};

/** @throws ArgumentError SCAN_STEP_RESULT on anything but tensors in a list or record */
export function stepOutputs(label: string, returned: unknown): StepOutputs {
  const { outputs, updates, until } =
    returned instanceof StepReturn ? returned : new StepReturn(returned, []);
  if (outputs === undefined) {
    if (updates.length === 0 && !(returned instanceof StepReturn))
      fail(label, "the step returns nothing", {
        hint: "return a tensor, a list or a record of tensors",
      });
    return { kind: "none", keys: [], tensors: [], updates, until };
  }
  if (outputs instanceof Tensor)
    return { kind: "single", keys: ["0"], tensors: [outputs], updates, until };
  if (Array.isArray(outputs)) {
    const list: readonly unknown[] = outputs;
    return {
      kind: "list",
      keys: list.map((_, i) => String(i)),
      tensors: list.map((x, i) => requireTensor(label, `output ${i} of the step`, x)),
      updates,
      until,
    };
  }
  if (
    typeof outputs !== "object" ||
    outputs === null ||
    outputs instanceof Promise ||
    ArrayBuffer.isView(outputs)
  )
    return fail(label, `the step returns ${describeValue(outputs)}`, { hint: hintFor(outputs) });
  const entries = Object.entries(outputs);
  return {
    kind: "record",
    keys: entries.map(([key]) => key),
    tensors: entries.map(([key, x]) => requireTensor(label, `output "${key}" of the step`, x)),
    updates,
    until,
  };
}

function requireTensor(label: string, what: string, x: unknown): Tensor {
  return x instanceof Tensor
    ? x
    : fail(label, `${what} is ${describeValue(x)}`, { hint: hintFor(x) });
}

function describeValue(x: unknown): string {
  if (typeof x === "number" || typeof x === "boolean" || x === null || x === undefined)
    return x === undefined
      ? "undefined"
      : `the ${x === null ? "value null" : typeof x + " " + String(x)}`;
  if (x instanceof StepReturn) return "a stepResult inside a list or record";
  if (x instanceof Promise) return "a promise";
  return Array.isArray(x) ? "a list" : typeof x === "object" ? "an object" : `a ${typeof x}`;
}

function hintFor(x: unknown): string {
  if (typeof x === "number" || typeof x === "boolean")
    return `only tensors: constant(${String(x)})`;
  if (x instanceof Promise) return "a step builds a graph and cannot be async";
  if (Array.isArray(x) || x instanceof StepReturn)
    return "updates go beside the outputs: return stepResult(outputs, { updates: [[shared, value]] })";
  return "return a tensor, a list or a record of tensors";
}

/** Results in the form in which the step returned its outputs. */
export function inSameForm({ kind, keys }: StepOutputs, tensors: readonly Tensor[]): unknown {
  switch (kind) {
    case "none":
      return undefined;
    case "single":
      return tensors[0];
    case "list":
      return tensors;
    case "record":
      return Object.fromEntries(keys.map((key, i) => [key, tensors[i]]));
    default:
      return kind satisfies never;
  }
}
