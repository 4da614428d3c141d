/** compile: from a graph, by name, to one function; all new values from the old ones, then swapped together. */
import type { Tensor } from "../graph/tensor.ts";
import { build } from "../runtime/build.ts";
import { CompiledGraph } from "../runtime/compiled-graph.ts";
import { collectChecks } from "../graph/size-checks.ts";
import { defaultStore } from "../runtime/store.ts";
import { makeCallable } from "./callable.ts";
import { checkOptions } from "./compile-checks.ts";
import { compileGraph } from "./compile-graph.ts";
import type { AnySpec, CompiledFunction, CompileSpec } from "./compile-spec.ts";
import { sizeSourcesOf } from "./size-sources.ts";

/**
 * Compiles loop, gradient and updates into one function.
 * @throws ArgumentError COMPILE_*, SHARED_OWNED; ShapeError COMPILE_UPDATE_TYPE;
 *   GraphError COMPILE_MISSING_INPUT, UNUSED_INPUT, UPDATES_FORGOTTEN; UnsupportedError BACKEND, CHECK, NUMERICS
 */
export async function compile<
  const I extends Readonly<Record<string, Tensor>>,
  const O extends Readonly<Record<string, Tensor>> = {},
  M extends "sync" | "async" = "sync",
>(spec: CompileSpec<I, O, M>): Promise<CompiledFunction<I, O, M>>;
export async function compile(spec: AnySpec): Promise<unknown> {
  checkOptions(spec);
  const graph = compileGraph(spec);
  const store = spec.store ?? defaultStore();
  const built = build({
    name: spec.name ?? "function",
    ...graph,
    sharedMemory: store.isShared,
    optimize: spec.optimize ?? "full",
  });
  const module = await WebAssembly.compile(built.bytes);
  const instance = await WebAssembly.instantiate(module, { env: { memory: store.memory } });
  const results = [...graph.outputs.map(([, t]) => t), ...graph.updates.map(([, value]) => value)];
  const label = spec.name ?? "the compiled function";
  const compiled = new CompiledGraph(store, built, instance, {
    label,
    inputs: graph.inputs,
    checks: [...collectChecks(results), ...graph.checks],
    sizeSources: sizeSourcesOf(built),
  });
  return makeCallable(label, graph, built, compiled);
}
