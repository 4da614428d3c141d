/** compile: from a graph, by name, to one function; all new values from the old ones, then swapped together. */
import type { Tensor } from "../graph/tensor.ts";
import { build, type BuildRequest } from "../runtime/build.ts";
import { CompiledGraph } from "../runtime/compiled-graph.ts";
import type { CallPlan } from "../runtime/call-plan.ts";
import { HostLog, type Printed } from "../runtime/host-log.ts";
import { defaultStore, type Store } from "../runtime/store.ts";
import { isDeviceBackend } from "./backend.ts";
import { withChecks } from "./check/with-checks.ts";
import { makeCallable, type Runner } from "./callable.ts";
import { checkOptions } from "./compile-checks.ts";
import { compileOnDevice } from "./compile-on-device.ts";
import { showPrinted } from "./printed.ts";
import { compileGraph, type NamedGraph } from "./compile-graph.ts";
import type { AnySpec, CompiledFunction, CompileSpec } from "./compile-spec.ts";
import { explainBuild } from "./explain.ts";
import { profileOf } from "./profile.ts";
import { callPlanOf } from "./call-plan-of.ts";

/**
 * Compiles loop, gradient and updates into one function.
 * @throws ArgumentError COMPILE_*, SHARED_OWNED; ShapeError COMPILE_UPDATE_TYPE;
 *   GraphError COMPILE_MISSING_INPUT, UNUSED_INPUT, UPDATES_FORGOTTEN; UnsupportedError BACKEND, and what a device lacks
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
  const settings = {
    name: spec.name ?? "function",
    optimize: spec.optimize ?? "full",
    numerics: spec.numerics ?? "portable",
    verify: checked.verify,
    profile: spec.profile ?? false,
  } as const;
  if (isDeviceBackend(spec.backend)) {
    const runner = await compileOnDevice(label, checked.graph, settings, spec.backend.device);
    return makeCallable(label, graph, runner);
  }
  const made = await compileNamed(label, checked.graph, {
    ...settings,
    store: spec.store ?? defaultStore(),
    onPrint: spec.onPrint ?? showPrinted,
  });
  const calls = spec.backend?.calls ?? "sync";
  return makeCallable(label, graph, { ...made.runner, calls });
}

interface CompileSettings {
  readonly name: string;
  readonly store: Store;
  readonly optimize: BuildRequest["optimize"];
  readonly numerics: "portable" | "fast";
  readonly verify: CallPlan<unknown>["verify"];
  readonly onPrint: (printed: Printed) => void;
  readonly profile: boolean;
  /** False for programs that compute sizes: the function that needs them has the budget. */
  readonly hasBudget?: boolean;
}

async function compileNamed(
  label: string,
  graph: NamedGraph,
  settings: CompileSettings,
): Promise<{ readonly compiled: CompiledGraph; readonly runner: Runner }> {
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
  const counters = { ...settings, name: `${name} steps`, verify: undefined, profile: false };
  const call = await callPlanOf(label, built, graph, verify, async (counter) => {
    const made = await compileNamed(label, counter, { ...counters, hasBudget: false });
    return made.compiled;
  });
  const compiled = new CompiledGraph(store, built, instance, call, log);
  const isProfiled = built.plan.events.some(({ kind }) => kind === "begin");
  return {
    compiled,
    runner: {
      calls: "sync",
      built,
      run: (values, out) => compiled.run(values, out),
      memory: (sizes) => compiled.memory(sizes),
      explain: () => explainBuild(built),
      profile: (calls) => profileOf(label, isProfiled, { ...calls, times: log.times }),
      dispose: () => compiled.dispose(),
    },
  };
}
