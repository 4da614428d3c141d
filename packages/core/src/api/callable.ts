/** A compiled graph as a function: named values in, named arrays out. */
import { ArgumentError } from "../errors/errors.ts";
import { suggest } from "../errors/nearest.ts";
import type { DType } from "../graph/dtype.ts";
import type { NDArray } from "../graph/ndarray.ts";
import type { Sizes } from "../graph/evaluate.ts";
import { printType } from "../graph/tensor.ts";
import type { Prepared } from "../runtime/build.ts";
import type { OutArrays } from "../runtime/out-arrays.ts";
import type { CallMemory } from "../runtime/call-plan.ts";
import { callMemory } from "./call-memory.ts";
import type { NamedGraph } from "./compile-graph.ts";
import type { Profile } from "./profile.ts";
import { outArraysOf } from "./out-values.ts";
import { isRecord, toNDArray, type TensorValue } from "./values.ts";

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
  const named = (results: readonly NDArray[]): Named<NDArray> =>
    Object.fromEntries(
      graph.outputs.flatMap(([name], i) =>
        results[i] === undefined ? [] : [[name, results[i]] as const],
      ),
    );
  const call = (
    values: Named<TensorValue<DType>> = {},
    options?: unknown,
  ): Named<NDArray> | Promise<Named<NDArray>> => {
    const arrays = argumentsOf(label, graph, values);
    const out = outArraysOf(label, graph.outputs, options);
    const began = performance.now();
    const results = runner.run(arrays, out);
    const ended = (): void => {
      times.milliseconds += performance.now() - began;
      times.calls++;
    };
    if (results instanceof Promise)
      return results.then((arrived) => {
        ended();
        return named(arrived);
      });
    ended();
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

/** The arrays of a call, in the order of the inputs. @throws ArgumentError CALL_INPUT, and what a value does wrong */
function argumentsOf(
  label: string,
  graph: NamedGraph,
  values: Named<TensorValue<DType>>,
): readonly NDArray[] {
  const names = graph.inputs.map(([name]) => name);
  if (!isRecord(values))
    throw new ArgumentError("CALL_INPUT", `${label} takes one record by name`, {
      hint: `call it with { ${names.join(", ")} }`,
    });
  for (const name of Object.keys(values))
    if (!names.includes(name))
      throw new ArgumentError("CALL_INPUT", `${label} has no input "${name}"`, {
        hint: names.length === 0 ? "it takes no inputs" : suggest(name, names),
      });
  return graph.inputs.map(([name, tensor]) => {
    const value = values[name];
    if (value === undefined)
      throw new ArgumentError(
        "CALL_INPUT",
        `${label} needs input "${name}" ${printType(tensor.type)}`,
        { hint: `call it with { ${names.join(", ")} }` },
      );
    return toNDArray(
      {
        label: `input "${name}"`,
        dtype: tensor.dtype,
        sizes: tensor.shape.map((size) => size.constant),
      },
      value,
    );
  });
}
