/** Runs a random program in every way there is and compares: reference evaluation, WebAssembly and the loop interpreter, rewritten and not. */
import { compileGraph } from "../../src/api/compile-graph.ts";
import { sizeSourcesOf } from "../../src/api/call-plan-of.ts";
import { bindSizes, evaluateGraph } from "../../src/graph/evaluate.ts";
import { toposort } from "../../src/graph/walk.ts";
import {
  compile,
  InternalError,
  print,
  ScanTrainError,
  Store,
  type NDArray,
  type Tensor,
} from "../../src/index.ts";
import { splitLong } from "../../src/loop-ir/split-long.ts";
import type { Program as LoopProgram } from "../../src/loop-ir/types.ts";
import { build } from "../../src/runtime/build.ts";
import { type Interpreted, runInterpreted } from "../runtime/interpreted.ts";
import type { Graph } from "./build-program.ts";
import type { Program } from "./instructions.ts";

const store = new Store();

type Calls = Program["calls"];
type Results = Readonly<Record<string, ArrayLike<number>>>;

/**
 * Runs the graph for each [T, B].
 * @throws an error that shows the graph when two ways of running it differ
 */
export async function checkGraph(graph: Graph, calls: Calls): Promise<void> {
  try {
    await checkCalls(graph, calls);
  } catch (error) {
    const text = print([
      ...Object.values(graph.outputs),
      ...graph.updates.map(([, value]) => value),
    ]);
    throw new Error(`${error instanceof Error ? error.message : String(error)}\nin\n${text}`, {
      cause: error,
    });
  }
}

async function checkCalls(graph: Graph, calls: Calls): Promise<void> {
  const { leaves, outputs, updates } = graph;
  const wanted = calls.map(([T, B]) => {
    leaves.reset();
    return reference(graph, leaves.values(T, B));
  });
  for (const optimize of ["full", "none"] as const) {
    const spec = {
      inputs: leaves.inputs,
      outputs,
      updates,
      optimize,
      unusedInputs: "ignore" as const,
    };
    leaves.reset();
    const call = await compile({ ...spec, store });
    const built = build({ name: "function", ...compileGraph(spec), sharedMemory: true, optimize });
    for (const [i, [T, B]] of calls.entries()) {
      const where = `optimize ${optimize}, T ${T}, B ${B}`;
      const values = leaves.values(T, B);
      leaves.reset();
      const want = wanted[i];
      if (want === undefined) {
        refuses(() => call(values), where);
        continue;
      }
      const interpret = (program: LoopProgram): Interpreted =>
        runInterpreted(
          { ...built, program },
          Object.entries(leaves.inputs),
          Object.keys(leaves.inputs).map((name) => values[name] ?? missing(name)),
        );
      const programs =
        sizeSourcesOf(built).length === 0
          ? [built.program, splitLong(built.program, { long: 0, part: 10 })]
          : [];
      const interpreted = programs.map((program) => bitsOf(graph, interpret(program)));
      const arrays = call(values);
      const got: Record<string, ArrayLike<number>> = {};
      for (const [name, array] of Object.entries(arrays)) got[name] = array.data;
      for (const [target] of updates) got[`new ${target.name ?? ""}`] = target.get().data;
      for (const [name, { data, tolerance }] of Object.entries(want))
        compareNear(got[name] ?? [], data, tolerance, `${name}, ${where}`);
      for (const bits of interpreted) compareBits(got, bits, where);
    }
    call.dispose();
  }
}

function bitsOf({ outputs, updates }: Graph, { outputs: made, shared }: Interpreted): Results {
  const bits: Record<string, ArrayLike<number>> = {};
  for (const name of Object.keys(outputs)) bits[name] = made.get(name) ?? [];
  for (const [target] of updates)
    bits[`new ${target.name ?? ""}`] = shared.get(target.name ?? "") ?? [];
  return bits;
}

export interface Wanted {
  readonly data: ArrayLike<number>;
  readonly tolerance: number;
}

/** What everything should be, and how far rounding may lead away from it; undefined where these sizes are refused. */
export function reference(
  { leaves, outputs, updates }: Graph,
  values: Readonly<Record<string, NDArray>>,
): Readonly<Record<string, Wanted>> | undefined {
  const results: (readonly [string, Tensor])[] = [
    ...Object.entries(outputs),
    ...updates.map(([target, value]) => [`new ${target.name ?? ""}`, value] as const),
  ];
  const known = new Map<Tensor, NDArray>();
  const sizes = new Map<string, number>();
  for (const [name, tensor] of Object.entries(leaves.inputs)) {
    const value = values[name] ?? missing(name);
    bindSizes(tensor, value, sizes, new Map());
    known.set(tensor, value);
  }
  const tensors = results.map(([, tensor]) => tensor);
  const unit = hasFloat32(tensors) ? 2e-5 : 1e-9;
  try {
    const arrays = evaluateGraph(tensors, known, sizes);
    let largest = 1;
    for (const { data } of known.values())
      for (const x of data) if (Math.abs(x) < 1e30) largest = Math.max(largest, Math.abs(x));
    return Object.fromEntries(
      results.map(([name], i) => [
        name,
        { data: arrays[i]?.data ?? [], tolerance: unit * largest },
      ]),
    );
  } catch (error) {
    if (!(error instanceof ScanTrainError) || error instanceof InternalError) throw error;
    return undefined;
  }
}

/** True when anything is computed in float32. */
function hasFloat32(outputs: readonly Tensor[]): boolean {
  return toposort(outputs).some(
    (apply) =>
      apply.outputs.some((y) => y.dtype === "float32") ||
      apply.blocks.some((block) => hasFloat32(block.outputs)),
  );
}

function refuses(call: () => unknown, where: string): void {
  let refused = false;
  try {
    call();
  } catch (error) {
    if (!(error instanceof ScanTrainError) || error instanceof InternalError) throw error;
    refused = true;
  }
  if (!refused)
    throw new Error(`${where}: the reference refuses these sizes, the compiled function does not`);
}

export function compareNear(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
  where: string,
): void {
  if (got.length !== want.length)
    throw new Error(`${where}: ${got.length} elements instead of ${want.length}`);
  for (let i = 0; i < want.length; i++) {
    const [x, y] = [got[i] ?? NaN, want[i] ?? NaN];
    if (Number.isFinite(y) && !(Math.abs(x - y) <= tolerance))
      throw new Error(`${where}: element ${i} is ${x} instead of ${y} (tolerance ${tolerance})`);
  }
}

function compareBits(got: Results, want: Results, where: string): void {
  for (const [name, data] of Object.entries(want)) {
    const other = got[name] ?? [];
    for (let i = 0; i < data.length; i++)
      if (!Object.is(data[i], other[i]))
        throw new Error(
          `${where}: ${name} element ${i} is ${other[i]} in WebAssembly and ${data[i]} in the interpreter`,
        );
  }
}

function missing(name: string): never {
  throw new Error(`no ${name}`);
}
