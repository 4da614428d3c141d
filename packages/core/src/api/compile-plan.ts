/** Compiles a graph for callers that own the memory and the threads: a module and a plan that can be sent to workers. */
import { InternalError, UnsupportedError } from "../errors/errors.ts";
import type { SizeCheck } from "../graph/op.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { build, prepare, type Build } from "../runtime/build.ts";
import type { ExecutablePlan } from "../runtime/executable-plan.ts";
import type { WasmModule } from "../runtime/wasm-types.ts";
import { collectChecks } from "../graph/size-checks.ts";
import { checkOptionNames } from "./compile-checks.ts";
import { compileGraph } from "./compile-graph.ts";
import type { AnySpec } from "./compile-spec.ts";
import { explainBuild } from "./explain.ts";
import { Shared } from "./shared.ts";
import { sourcesOf } from "./size-sources.ts";
import { symbolsOf } from "./symbols-of.ts";
import type { Program } from "../loop-ir/types.ts";

export interface CompiledPlan {
  readonly module: WasmModule;
  readonly plan: ExecutablePlan;
  /** The variables of `plan.shared`, in the same order. */
  readonly shared: readonly Shared[];
  /** What the graph asks of sizes; whoever calls tests them. */
  readonly checks: readonly SizeCheck[];
  readonly explain: () => string;
}

const known: readonly (keyof Parameters<typeof compilePlan>[0])[] = [
  "inputs",
  "outputs",
  "updates",
  "name",
  "unusedInputs",
  "optimize",
  "sharedMemory",
];

/**
 * `sharedMemory`: whether the memory that instances import is shared.
 * @throws what `compile` throws; UnsupportedError PLAN_SIZE
 */
export async function compilePlan(
  spec: Pick<AnySpec, "inputs" | "outputs" | "updates" | "name" | "unusedInputs" | "optimize"> & {
    readonly sharedMemory?: boolean;
  },
): Promise<CompiledPlan> {
  checkOptionNames("compilePlan", spec, known);
  refuseValueSizes(spec);
  const graph = compileGraph(spec);
  const built = build({
    name: spec.name ?? "function",
    ...graph,
    sharedMemory: spec.sharedMemory ?? true,
    optimize: spec.optimize ?? "full",
  });
  refuseEvents(spec.name, built);
  const results = [...graph.outputs.map(([, t]) => t), ...graph.updates.map(([, value]) => value)];
  return {
    module: await WebAssembly.compile(built.bytes),
    plan: built.plan,
    shared: built.shared.map((tensor) => (tensor instanceof Shared ? tensor : notShared())),
    checks: [...collectChecks(results), ...graph.checks],
    explain: () => explainBuild(built),
  };
}

/** Whoever runs a plan knows the sizes of inputs, and computes nothing before a call. */
function refuseValueSizes({
  name,
  outputs = {},
  updates = [],
}: Parameters<typeof compilePlan>[0]): void {
  const results = [...Object.values<Tensor>(outputs), ...[...updates].map(([, value]) => value)];
  const [source] = sourcesOf(symbolsOf(results)).values();
  if (source === undefined) return;
  throw new UnsupportedError(
    "PLAN_SIZE",
    `${name ?? "the plan"}: ${describe(source)} gives a number of steps or a size, and is a value`,
    {
      notes: [`made at ${source.site.toString()}`],
      hint: "use sizes of inputs, such as x.size(0), and lengths or a mask for what is shorter",
    },
  );
}

/** Threads have nobody to show values to. */
function refuseEvents(name: string | undefined, { plan }: Build): void {
  const printed = plan.events.find((event) => event.kind === "print");
  if (printed?.kind !== "print") return;
  throw new UnsupportedError(
    "PLAN_PRINT",
    `${name ?? "the plan"}: printValue "${printed.label}" cannot show values from worker threads`,
    { hint: "compile() the same graph and call it with a batch, or leave printValue out" },
  );
}

function notShared(): never {
  throw new InternalError("a shared variable that the api did not make");
}

/**
 * The loop program of a graph, legalised: what a backend renders. `target`: what it is to run on (default: processor).
 * @throws what `compile` throws
 */
export function compileProgram(
  spec: Parameters<typeof compilePlan>[0] & { readonly target?: "processor" | "device" },
): Program {
  checkOptionNames("compileProgram", spec, [...known, "target"]);
  const graph = compileGraph(spec);
  return prepare({
    name: spec.name ?? "function",
    ...graph,
    optimize: spec.optimize ?? "full",
    target: spec.target ?? "processor",
  }).program;
}
