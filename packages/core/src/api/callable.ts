/** A compiled graph as a function: named values in, named arrays out. */
import { ArgumentError } from "../errors/errors.ts";
import { suggest } from "../errors/nearest.ts";
import type { DType } from "../graph/dtype.ts";
import { NDArray } from "../graph/ndarray.ts";
import { printType } from "../graph/tensor.ts";
import { printProgram } from "../loop-ir/print.ts";
import type { Build } from "../runtime/build.ts";
import type { CompiledGraph } from "../runtime/compiled-graph.ts";
import type { HostLog } from "../runtime/host-log.ts";
import { callMemory } from "./call-memory.ts";
import type { NamedGraph } from "./compile-graph.ts";
import { explainBuild } from "./explain.ts";
import { profileOf } from "./profile.ts";
import { toNDArray, type TensorValue } from "./values.ts";

/** False for what a JavaScript user may give by position: numbers, lists and arrays. */
function isRecord(values: unknown): boolean {
  return (
    typeof values === "object" &&
    values !== null &&
    !Array.isArray(values) &&
    !ArrayBuffer.isView(values) &&
    !(values instanceof NDArray)
  );
}

interface Compiled {
  readonly built: Build;
  readonly compiled: CompiledGraph;
  readonly log: HostLog;
}

const isProfiled = ({ plan }: Build): boolean => plan.events.some(({ kind }) => kind === "begin");

/** `label`: how messages call the function. A call throws ArgumentError CALL_INPUT. */
export function makeCallable(
  label: string,
  graph: NamedGraph,
  { built, compiled, log }: Compiled,
): object {
  let calls = 0;
  let milliseconds = 0;
  const names = graph.inputs.map(([name]) => name);
  const call = (
    values: Readonly<Record<string, TensorValue<DType>>> = {},
  ): Record<string, NDArray> => {
    if (!isRecord(values))
      throw new ArgumentError("CALL_INPUT", `${label} takes one record by name`, {
        hint: `call it with { ${names.join(", ")} }`,
      });
    for (const name of Object.keys(values))
      if (!names.includes(name))
        throw new ArgumentError("CALL_INPUT", `${label} has no input "${name}"`, {
          hint: names.length === 0 ? "it takes no inputs" : suggest(name, names),
        });
    const arrays = graph.inputs.map(([name, tensor]) => {
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
    const began = performance.now();
    const results = compiled.run(arrays);
    milliseconds += performance.now() - began;
    calls++;
    return Object.fromEntries(
      graph.outputs.flatMap(([name], i) =>
        results[i] === undefined ? [] : [[name, results[i]] as const],
      ),
    );
  };
  return Object.assign(call, {
    memory: (sizes: unknown) => callMemory(label, graph.inputs, { built, compiled }, sizes),
    explain: () => explainBuild(built, printProgram(built.lowered.program)),
    profile: () => profileOf(label, isProfiled(built), { calls, milliseconds, times: log.times }),
    dispose: () => compiled.dispose(),
  });
}
