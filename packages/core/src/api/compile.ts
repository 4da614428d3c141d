/** compile: from a graph, by name, to one function; all new values from the old ones, then swapped together. */
import type { Tensor } from "../graph/tensor.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import { build, type Build, type BuildRequest } from "../runtime/build.ts";
import { CompiledGraph, type CallPlan, type SizeSource } from "../runtime/compiled-graph.ts";
import { collectChecks } from "../graph/size-checks.ts";
import { HostLog, type Printed } from "../runtime/host-log.ts";
import { defaultStore, type Store } from "../runtime/store.ts";
import { withChecks } from "./check/with-checks.ts";
import { makeCallable } from "./callable.ts";
import { checkOptions } from "./compile-checks.ts";
import { showPrinted } from "./printed.ts";
import { compileGraph, type NamedGraph } from "./compile-graph.ts";
import type { AnySpec, CompiledFunction, CompileSpec } from "./compile-spec.ts";
import { sizeSourcesOf, sourcesOf } from "./size-sources.ts";
import { symbolsOf } from "./symbols-of.ts";

/**
 * Compiles loop, gradient and updates into one function.
 * @throws ArgumentError COMPILE_*, SHARED_OWNED; ShapeError COMPILE_UPDATE_TYPE;
 *   GraphError COMPILE_MISSING_INPUT, UNUSED_INPUT, UPDATES_FORGOTTEN; UnsupportedError BACKEND
 */
export async function compile<
  const I extends Readonly<Record<string, Tensor>>,
  const O extends Readonly<Record<string, Tensor>> = {},
  M extends "sync" | "async" = "sync",
>(spec: CompileSpec<I, O, M>): Promise<CompiledFunction<I, O, M>>;
export async function compile(spec: AnySpec): Promise<unknown> {
  checkOptions(spec);
  const graph = compileGraph(spec);
  const label = spec.name ?? "the compiled function";
  const checked = withChecks(label, graph, spec.check ?? "none");
  const made = await compileNamed(label, checked.graph, {
    name: spec.name ?? "function",
    store: spec.store ?? defaultStore(),
    optimize: spec.optimize ?? "full",
    numerics: spec.numerics ?? "portable",
    verify: checked.verify,
    onPrint: spec.onPrint ?? showPrinted,
    profile: spec.profile ?? false,
  });
  return makeCallable(label, graph, made);
}

interface CompileSettings {
  readonly name: string;
  readonly store: Store;
  readonly optimize: BuildRequest["optimize"];
  readonly numerics: "portable" | "fast";
  readonly verify: CallPlan["verify"];
  readonly onPrint: (printed: Printed) => void;
  readonly profile: boolean;
  /** False for programs that compute sizes: the function that needs them has the budget. */
  readonly hasBudget?: boolean;
}

async function compileNamed(
  label: string,
  graph: NamedGraph,
  settings: CompileSettings,
): Promise<{
  readonly built: Build;
  readonly compiled: CompiledGraph;
  readonly log: HostLog;
}> {
  const { name, store, optimize, numerics, verify, onPrint, profile } = settings;
  const built = build({
    name,
    ...graph,
    sharedMemory: store.isShared,
    optimize,
    numerics,
    profile,
    hasBudget: settings.hasBudget ?? true,
  });
  const module = await WebAssembly.compile(built.bytes);
  const log = new HostLog(built.plan.events, store, onPrint);
  const instance = await WebAssembly.instantiate(module, {
    env: { memory: store.memory, host: log.hear },
  });
  const results = [...graph.outputs.map(([, t]) => t), ...graph.updates.map(([, value]) => value)];
  const sizeSources: SizeSource[] = [];
  for (const [key, source] of sizeSourcesOf(built)) {
    const isLoop = toposort([source]).some(({ blocks }) => blocks.length > 0);
    const counter = isLoop ? counterOf(graph, source) : undefined;
    sizeSources.push({
      key,
      source,
      program: counter && {
        inputs: counter.inputs.map(([, tensor]) => tensor),
        graph: (
          await compileNamed(label, counter, {
            ...settings,
            name: `${name} steps`,
            verify: undefined,
            profile: false,
            hasBudget: false,
          })
        ).compiled,
      },
    });
  }
  const call = {
    label,
    inputs: graph.inputs,
    checks: [...collectChecks(results), ...graph.checks],
    sizeSources,
    verify,
  };
  return { built, compiled: new CompiledGraph(store, built, instance, call, log), log };
}

/** The graph that computes a size, with those of the inputs that it needs. */
function counterOf({ inputs }: NamedGraph, source: Tensor): NamedGraph {
  const symbols = symbolsOf([source]);
  const needed = [source, ...sourcesOf(symbols).values()];
  const leaves = new Set(leavesOf(needed));
  const keys = new Set(symbolsOf(needed).map(({ key }) => key));
  return {
    inputs: inputs.filter(
      ([, tensor]) => leaves.has(tensor) || tensor.shape.some((size) => keys.has(size.key)),
    ),
    outputs: [["steps", source]],
    updates: [],
    checks: [],
  };
}
