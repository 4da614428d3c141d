/** compile: from a graph, by name, to one function; all new values from the old ones, then swapped together. */
import { ArgumentError, GraphError, ShapeError, UnsupportedError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import type { NDArray } from "../graph/ndarray.ts";
import { rebuild } from "../graph/rebuild.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import { printProgram } from "../loop-ir/print.ts";
import { build, type Build } from "../runtime/build.ts";
import { CompiledGraph } from "../runtime/compiled-graph.ts";
import { collectChecks } from "../runtime/size-checks.ts";
import { defaultStore, type Store } from "../runtime/store.ts";
import { wasm, type Backend } from "./backend.ts";
import { explainBuild } from "./explain.ts";
import { nearest } from "./nearest.ts";
import { pendingUpdates } from "./scan/pending-updates.ts";
import { sizeSourceOf } from "./scan/size-of-tensor.ts";
import type { Update } from "./scan/types.ts";
import { Shared } from "./shared.ts";
import { sizeSourcesOf } from "./size-sources.ts";
import { symbolsOf } from "./symbols-of.ts";
import { toNDArray, type TensorValue } from "./values.ts";

type InputValues<I> = {
  readonly [K in keyof I]: I[K] extends Tensor<infer D> ? TensorValue<D> : never;
};
type OutputValues<O> = {
  readonly [K in keyof O]: O[K] extends Tensor<infer D> ? NDArray<D> : never;
};

/** A compiled graph. Called with a record of values, it gives a record of arrays. */
export interface CompiledFunction<I, O, M extends "sync" | "async" = "sync"> {
  (inputs: InputValues<I>): M extends "sync" ? OutputValues<O> : Promise<OutputValues<O>>;
  /** The passes, what each did, and the loop program that runs. */
  explain(): string;
  /** Gives its memory back. */
  dispose(): void;
}

export interface CompileSpec<I, O, M extends "sync" | "async"> {
  /** The arguments, by the names that calls use. */
  readonly inputs: I;
  readonly outputs?: O;
  /** New values of shared variables: pairs or a Map; all are computed from the values before the call. */
  readonly updates?: readonly Update[] | ReadonlyMap<Shared, Tensor>;
  /** Tensors to replace: [what, by what]. */
  readonly givens?: readonly (readonly [Tensor, Tensor])[];
  readonly backend?: Backend<M>;
  /** full: all rewrites (default); none: the graph as written. */
  readonly optimize?: "full" | "fast" | "none";
  readonly check?: "none" | "nan" | "debug";
  readonly numerics?: "portable" | "fast";
  readonly name?: string;
  /** What to do about inputs that nothing uses: throw (default) or ignore them. */
  readonly unusedInputs?: "raise" | "ignore";
  /** The memory that holds shared variables; functions that share variables share a store. */
  readonly store?: Store;
}

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
  "store",
] as const;

/**
 * Compiles loop, gradient and updates into one function.
 * @throws ArgumentError COMPILE_INPUT, COMPILE_UPDATE, ...; GraphError COMPILE_MISSING_INPUT, UNUSED_INPUT, UPDATES_FORGOTTEN
 */
export async function compile<
  const I extends Readonly<Record<string, Tensor>>,
  const O extends Readonly<Record<string, Tensor>> = {},
  M extends "sync" | "async" = "sync",
>(spec: CompileSpec<I, O, M>): Promise<CompiledFunction<I, O, M>>;
export async function compile(
  spec: CompileSpec<
    Readonly<Record<string, Tensor>>,
    Readonly<Record<string, Tensor>>,
    "sync" | "async"
  >,
): Promise<unknown> {
  checkOptions(spec);
  const graph = compileGraph(spec);
  const store = spec.store ?? defaultStore();
  const built = build({
    name: spec.name ?? "function",
    ...graph,
    sharedMemory: store.isShared,
    optimize: spec.optimize === "none" ? "none" : "full",
  });
  const module = await WebAssembly.compile(built.bytes);
  const instance = await WebAssembly.instantiate(module, { env: { memory: store.memory } });
  const results = [...graph.outputs.map(([, t]) => t), ...graph.updates.map(([, value]) => value)];
  const compiled = new CompiledGraph(store, built, instance, {
    inputs: graph.inputs,
    checks: [...collectChecks(results), ...graph.checks],
    sizeSources: sizeSourcesOf(built),
  });
  return makeCallable(spec.name ?? "the compiled function", graph, built, compiled);
}

/** The graph that a spec describes, checked. */
export interface NamedGraph {
  readonly inputs: readonly (readonly [string, Tensor])[];
  readonly outputs: readonly (readonly [string, Tensor])[];
  readonly updates: readonly (readonly [target: Tensor, value: Tensor])[];
  readonly checks: ReturnType<typeof collectChecks>;
}

/** Checks inputs, outputs and updates of a spec, applies its givens. */
export function compileGraph(
  spec: Pick<
    CompileSpec<
      Readonly<Record<string, Tensor>>,
      Readonly<Record<string, Tensor>>,
      "sync" | "async"
    >,
    "inputs" | "outputs" | "updates" | "givens" | "unusedInputs"
  >,
): NamedGraph {
  const inputs = Object.entries(spec.inputs);
  for (const [name, tensor] of inputs) checkInput(name, tensor);
  const outputs = Object.entries(spec.outputs ?? {});
  for (const [name, tensor] of outputs)
    if (!(tensor instanceof Tensor))
      throw new ArgumentError("COMPILE_OUTPUT", `output "${name}" is not a tensor`, {
        hint: "outputs is a record of tensors: { cost }",
      });
  const pairs: Update[] = [...(spec.updates ?? [])].map(([target, value]) => [target, value]);
  checkUpdates(pairs);
  const wanted = [...outputs.map(([, t]) => t), ...pairs.map(([, value]) => value)];
  const replaced = rebuild(wanted, new Map(spec.givens ?? []));
  checkForgottenUpdates(wanted, pairs);
  checkLeaves(replaced, inputs, spec.unusedInputs ?? "raise");
  return {
    inputs,
    outputs: outputs.map(([name, t], i) => [name, replaced[i] ?? t] as const),
    updates: pairs.map(
      ([target, value], i) => [target, replaced[outputs.length + i] ?? value] as const,
    ),
    checks: pairs.flatMap(([target, value], i) =>
      updateChecks(target, replaced[outputs.length + i] ?? value),
    ),
  };
}

function checkOptions(spec: CompileSpec<unknown, unknown, "sync" | "async">): void {
  for (const name of Object.keys(spec))
    if (!known.some((k) => k === name))
      throw new ArgumentError("COMPILE_OPTION", `compile has no option "${name}"`, {
        hint: `did you mean "${nearest(name, known)}"?`,
      });
  if (spec.backend !== undefined && spec.backend !== wasm)
    throw new UnsupportedError("BACKEND", `backend ${spec.backend.name} is not supported yet`, {
      hint: "leave backend out to compile to WebAssembly",
    });
  if (spec.check !== undefined && spec.check !== "none")
    throw new UnsupportedError("CHECK", `check: "${spec.check}" is not supported yet`, {
      hint: "evaluate(expr, values) runs the reference interpreter on the same graph",
    });
  if (spec.numerics === "fast")
    throw new UnsupportedError("NUMERICS", 'numerics: "fast" is not supported yet', {
      hint: 'leave it out: "portable" gives the same bits on every engine',
    });
}

function checkInput(name: string, tensor: unknown): void {
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

function checkUpdates(pairs: readonly Update[]): void {
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

function updateChecks(target: Tensor, value: Tensor): NamedGraph["checks"] {
  return target.shape.flatMap((size, axis) => {
    const given = value.shape[axis];
    if (given === undefined || given.equals(size)) return [];
    return [
      {
        x: given,
        relation: "equal" as const,
        y: size,
        message: `the new value of ${describe(target)} must keep its shape in axis ${axis}`,
      },
    ];
  });
}

function checkForgottenUpdates(wanted: readonly Tensor[], pairs: readonly Update[]): void {
  const received = new Set<Tensor>(pairs.map(([target]) => target));
  for (const apply of toposort(wanted)) {
    const pending = pendingUpdates(apply);
    const forgotten = (pending?.updates ?? []).filter(([target]) => !received.has(target));
    if (pending === undefined || forgotten.length === 0) continue;
    throw new GraphError(
      "UPDATES_FORGOTTEN",
      `${pending.label} produced updates of ${forgotten.map(([t]) => describe(t)).join(", ")} that compile did not receive`,
      {
        hint: "pass updates: [...result.updates, ...], or dropUpdates(result) to leave the variables as they are",
      },
    );
  }
}

function checkLeaves(
  results: readonly Tensor[],
  inputs: readonly (readonly [string, Tensor])[],
  unused: "raise" | "ignore",
): void {
  const given = new Set(inputs.map(([, t]) => t));
  const symbols = symbolsOf(results);
  const sources = symbols.map(sizeSourceOf).filter((source) => source !== undefined);
  const used = new Set(leavesOf([...results, ...sources]));
  const sizes = new Set(symbolsOf([...results, ...sources]).map(({ key }) => key));
  const givesSize = (input: Tensor): boolean => input.shape.some((size) => sizes.has(size.key));
  for (const leaf of used)
    if (leaf.origin.kind === "input" && !given.has(leaf))
      throw new GraphError(
        "COMPILE_MISSING_INPUT",
        `the results need ${describe(leaf)} ${printType(leaf.type)}, which is not among the inputs`,
        {
          notes: [`made at ${leaf.site.toString()}`],
          hint: `add it: inputs: { ..., ${leaf.name ?? "name"} }`,
        },
      );
  if (unused === "ignore") return;
  for (const [name, tensor] of inputs)
    if (!used.has(tensor) && !givesSize(tensor))
      throw new GraphError("UNUSED_INPUT", `no result uses input "${name}"`, {
        hint: 'leave it out, or pass unusedInputs: "ignore"',
      });
}

function makeCallable(
  label: string,
  graph: NamedGraph,
  built: Build,
  compiled: CompiledGraph,
): object {
  const names = graph.inputs.map(([name]) => name);
  const call = (
    values: Readonly<Record<string, TensorValue<DType>>> = {},
  ): Record<string, NDArray> => {
    for (const name of Object.keys(values))
      if (!names.includes(name))
        throw new ArgumentError("CALL_INPUT", `${label} has no input "${name}"`, {
          hint:
            names.length === 0 ? "it takes no inputs" : `did you mean "${nearest(name, names)}"?`,
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
    const results = compiled.run(arrays);
    return Object.fromEntries(
      graph.outputs.flatMap(([name], i) =>
        results[i] === undefined ? [] : [[name, results[i]] as const],
      ),
    );
  };
  return Object.assign(call, {
    explain: () => explainBuild(built, printProgram(built.lowered.program)),
    dispose: () => compiled.dispose(),
  });
}
