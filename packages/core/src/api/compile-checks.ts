/** What can be wrong with the options, inputs, outputs, updates and givens of a compile, each by itself. */
import { ArgumentError, ShapeError, UnsupportedError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { asyncWasm, isDeviceBackend, wasm } from "./backend.ts";
import type { AnySpec } from "./compile-spec.ts";
import type { Update } from "./scan/types.ts";
import { Shared } from "./shared.ts";
import { mergeStreams } from "./stream-states.ts";

const known = [
  "inputs",
  "outputs",
  "updates",
  "givens",
  "backend",
  "optimize",
  "check",
  "numerics",
  "name",
  "unusedInputs",
  "onPrint",
  "profile",
  "store",
] as const;

const words = {
  optimize: ["full", "fast", "none"],
  check: ["none", "nan", "debug"],
  numerics: ["portable", "fast"],
  unusedInputs: ["raise", "ignore"],
} as const;

/** @throws ArgumentError COMPILE_OPTION */
export function checkOptionNames(what: string, spec: object, names: readonly string[]): void {
  const unknown = unknownOption(spec, names);
  if (unknown !== undefined)
    throw new ArgumentError("COMPILE_OPTION", `${what} ${unknown.problem}`, unknown);
}

/** @throws ArgumentError COMPILE_OPTION, COMPILE_OPTION_VALUE; UnsupportedError BACKEND */
export function checkOptions(spec: AnySpec): void {
  if (Object.keys(Object(spec)).includes("memory"))
    throw new ArgumentError("COMPILE_OPTION", "compile has no option memory", {
      hint: 'a budget belongs to a loop: scan({ ..., memory: "64MB" }), or run(cell, x, { memory: "64MB" })',
    });
  checkOptionNames("compile", spec, known);
  for (const [name, allowed] of Object.entries(words)) {
    const word = spec[name as keyof typeof words];
    if (word !== undefined && !allowed.some((one) => one === word))
      throw new ArgumentError(
        "COMPILE_OPTION_VALUE",
        `compile: ${name} cannot be ${JSON.stringify(word)}`,
        { hint: `it is one of ${allowed.map((one) => `"${one}"`).join(", ")}` },
      );
  }
  const profile: unknown = spec.profile;
  if (profile !== undefined && typeof profile !== "boolean")
    throw new ArgumentError(
      "COMPILE_OPTION_VALUE",
      `compile: profile cannot be ${JSON.stringify(profile)}`,
      { hint: "it is true or false" },
    );
  if (isDeviceBackend(spec.backend)) {
    if (spec.store !== undefined)
      throw new ArgumentError("COMPILE_OPTION_VALUE", "compile: a store is memory of WebAssembly", {
        hint: `leave store out: ${spec.backend.name} keeps variables on its device`,
      });
    return;
  }
  if (spec.backend !== undefined && spec.backend !== wasm && spec.backend !== asyncWasm)
    throw new UnsupportedError(
      "BACKEND",
      `backend ${typeof spec.backend === "string" ? `"${String(spec.backend)}"` : spec.backend.name} is none that compile knows`,
      {
        hint: "leave backend out to compile to WebAssembly, or give await openGpu() of @scan-train/gpu",
      },
    );
}

/** @throws ArgumentError COMPILE_RECORD when inputs or outputs have no names */
export function checkRecord(option: "inputs" | "outputs", value: unknown): void {
  const isList = Array.isArray(value) || value instanceof Tensor;
  if (value === undefined || (typeof value === "object" && value !== null && !isList)) return;
  const given = value instanceof Tensor ? "a tensor" : isList ? "a list" : String(value);
  throw new ArgumentError("COMPILE_RECORD", `compile: ${option} is ${given}`, {
    hint: `${option} is a record by name: ${option === "inputs" ? '{ x: matrix("x") }' : "{ cost }"}`,
  });
}

/** @throws ArgumentError COMPILE_INPUT */
export function checkInput(name: string, tensor: unknown): void {
  if (!(tensor instanceof Tensor))
    throw new ArgumentError("COMPILE_INPUT", `input "${name}" is not a tensor`, {
      hint: 'inputs is a record of symbolic inputs: { x: matrix("x") }',
    });
  if (tensor.origin.kind === "input") return;
  const what =
    tensor.origin.kind === "shared"
      ? "is a shared variable: it keeps its own value"
      : `is ${describe(tensor)}, not an input`;
  throw new ArgumentError("COMPILE_INPUT", `input "${name}" ${what}`, {
    hint:
      tensor.origin.kind === "shared"
        ? "leave it out; set its value with .set()"
        : "use givens to replace a computed tensor by an input",
  });
}

/** @throws ArgumentError COMPILE_OUTPUT */
export function checkOutput(name: string, tensor: unknown): void {
  if (tensor instanceof Tensor) return;
  throw new ArgumentError("COMPILE_OUTPUT", `output "${name}" is not a tensor`, {
    hint: "outputs is a record of tensors: { cost }",
  });
}

/** Pairs or a Map as a list of pairs, those of one stream as one. @throws ArgumentError COMPILE_UPDATE */
export function updatePairs(updates: AnySpec["updates"] = []): Update[] {
  const given: unknown = updates;
  const entries: readonly unknown[] | undefined =
    given instanceof Map ? [...given] : Array.isArray(given) ? given : undefined;
  if (entries?.every((entry) => Array.isArray(entry) && entry.length === 2) !== true)
    throw new ArgumentError("COMPILE_UPDATE", "updates must be a list of pairs, or a Map", {
      hint: "updates: [[W, newW], [b, newB]]",
    });
  return mergeStreams([...updates]);
}

/** @throws ArgumentError COMPILE_UPDATE, COMPILE_UPDATE_TWICE; ShapeError COMPILE_UPDATE_TYPE */
export function checkUpdates(pairs: readonly Update[]): void {
  const seen = new Set<Tensor>();
  for (const [target, value] of pairs) {
    const given: unknown = target;
    if (!(given instanceof Shared))
      throw new ArgumentError(
        "COMPILE_UPDATE",
        `updates must be [shared variable, new value]; ${given instanceof Tensor ? describe(given) : String(given)} is not a shared variable`,
      );
    if (!(value instanceof Tensor))
      throw new ArgumentError(
        "COMPILE_UPDATE",
        `the new value of ${describe(target)} is not a tensor`,
      );
    if (seen.has(target))
      throw new ArgumentError("COMPILE_UPDATE_TWICE", `${describe(target)} is updated twice`, {
        hint: "give one new value per shared variable",
      });
    seen.add(target);
    if (value.dtype !== target.dtype || value.rank !== target.rank)
      throw new ShapeError(
        "COMPILE_UPDATE_TYPE",
        `the new value of ${describe(target)} is ${printType(value.type)}, the variable is ${printType(target.type)}`,
        { hint: "cast or reshape the new value" },
      );
    for (const [axis, size] of target.shape.entries()) {
      const other = value.shape[axis]?.constant;
      if (other !== undefined && other !== size.constant)
        throw new ShapeError(
          "COMPILE_UPDATE_TYPE",
          `the new value of ${describe(target)} is ${printType(value.type)}, the variable is ${printType(target.type)}`,
        );
    }
  }
}

/** @throws ArgumentError COMPILE_GIVEN */
export function checkGivens(givens: readonly (readonly [unknown, unknown])[]): void {
  for (const [what, by] of givens) {
    if (!(what instanceof Tensor) || !(by instanceof Tensor))
      throw new ArgumentError("COMPILE_GIVEN", "givens must be pairs of tensors [what, by what]", {
        hint: "make a tensor of a number with constant()",
      });
    if (what.dtype !== by.dtype || what.rank !== by.rank)
      throw new ArgumentError(
        "COMPILE_GIVEN",
        `givens replace ${describe(what)} ${printType(what.type)} by ${describe(by)} ${printType(by.type)}`,
        { hint: "cast or reshape the replacement" },
      );
  }
}
