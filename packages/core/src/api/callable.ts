/** A compiled graph as a function: named values in, named arrays out. */
import { ArgumentError } from "../errors/errors.ts";
import { suggest } from "../errors/nearest.ts";
import type { DType } from "../graph/dtype.ts";
import type { NDArray } from "../graph/ndarray.ts";
import type { Sizes } from "../graph/evaluate.ts";
import { printType, type Tensor } from "../graph/tensor.ts";
import type { Prepared } from "../runtime/build.ts";
import type { OutArrays } from "../runtime/out-arrays.ts";
import type { CallMemory } from "../runtime/call-plan.ts";
import { callMemory } from "./call-memory.ts";
import type { NamedGraph } from "./compile-graph.ts";
import type { Profile } from "./profile.ts";
import { outArraysOf } from "./out-values.ts";
import { isRecord, toNDArray, type TensorValue, type ValueTarget } from "./values.ts";

/** Runs a compiled graph, wherever it lies. */
export interface Runner {
  readonly calls: "sync" | "async";
  readonly built: Prepared;
  readonly run: (
    values: readonly NDArray[],
    out: OutArrays,
  ) => readonly NDArray[] | Promise<readonly NDArray[]>;
  readonly memory: (sizes: Sizes) => CallMemory;
  readonly explain: () => string;
  readonly profile: (calls: { calls: number; milliseconds: number }) => Profile;
  readonly dispose: () => void;
}

type Named<T> = Readonly<Record<string, T>>;

/** `label`: how messages call the function. A call throws ArgumentError CALL_INPUT or CALL_OUT, or rejects with it. */
export function makeCallable(label: string, graph: NamedGraph, runner: Runner): object {
  const times = { calls: 0, milliseconds: 0 };
  const args = graph.inputs.map(argumentOf);
  const outputs = graph.outputs.map(([name]) => name);
  const named = (results: readonly NDArray[]): Named<NDArray> => {
    const record: Record<string, NDArray> = {};
    for (let i = 0; i < results.length; i++) {
      const [name, result] = [outputs[i], results[i]];
      if (name !== undefined && result !== undefined) record[name] = result;
    }
    return record;
  };
  const count = (began: number): void => {
    times.milliseconds += performance.now() - began;
    times.calls++;
  };
  const later = async (results: Promise<readonly NDArray[]>, began: number) => {
    const arrived = await results;
    count(began);
    return named(arrived);
  };
  const call = (
    values: Named<TensorValue<DType>> = {},
    options?: unknown,
  ): Named<NDArray> | Promise<Named<NDArray>> => {
    const arrays = arraysOf(label, args, values);
    const out = outArraysOf(label, graph.outputs, options);
    const began = performance.now();
    const results = runner.run(arrays, out);
    if (results instanceof Promise) return later(results, began);
    count(began);
    return named(results);
  };
  // A function of a device gives promises: what is wrong with a call rejects it, too.
  const callable =
    runner.calls === "sync"
      ? call
      : async (values?: Named<TensorValue<DType>>, options?: unknown) => call(values, options);
  return Object.assign(callable, {
    memory: (sizes: unknown) =>
      callMemory(label, graph.inputs, { built: runner.built, compiled: runner }, sizes),
    explain: runner.explain,
    profile: () => runner.profile(times),
    dispose: runner.dispose,
  });
}

/** What a call gives for an input. */
interface Argument {
  readonly name: string;
  readonly tensor: Tensor;
  readonly target: ValueTarget;
}

const argumentOf = ([name, tensor]: readonly [string, Tensor]): Argument => ({
  name,
  tensor,
  target: {
    label: `input "${name}"`,
    dtype: tensor.dtype,
    sizes: tensor.shape.map((size) => size.constant),
  },
});

/** The arrays of a call, in the order of the inputs. @throws ArgumentError CALL_INPUT, and what a value does wrong */
function arraysOf(
  label: string,
  args: readonly Argument[],
  values: Named<TensorValue<DType>>,
): readonly NDArray[] {
  if (!isRecord(values))
    throw new ArgumentError("CALL_INPUT", `${label} takes one record by name`, {
      hint: callWith(args),
    });
  for (const name in values)
    if (!has(args, name) && Object.hasOwn(values, name))
      throw new ArgumentError("CALL_INPUT", `${label} has no input "${name}"`, {
        hint:
          args.length === 0
            ? "it takes no inputs"
            : suggest(
                name,
                args.map((arg) => arg.name),
              ),
      });
  const arrays: NDArray[] = [];
  for (const { name, tensor, target } of args) {
    const value = values[name];
    if (value === undefined)
      throw new ArgumentError(
        "CALL_INPUT",
        `${label} needs input "${name}" ${printType(tensor.type)}`,
        { hint: callWith(args) },
      );
    arrays.push(toNDArray(target, value));
  }
  return arrays;
}

function has(args: readonly Argument[], name: string): boolean {
  for (const arg of args) if (arg.name === name) return true;
  return false;
}

const callWith = (args: readonly Argument[]): string =>
  `call it with { ${args.map(({ name }) => name).join(", ")} }`;
