/** graph -> rewrite -> lower -> loop IR -> wasm: the pipeline behind every compiled function. */
import { emitWasm } from "../backend/wasm/emit.ts";
import { defaultTiles, panelWidthFor } from "../backend/wasm/kernels/tile.ts";
import type { Tensor } from "../graph/tensor.ts";
import { legalize, portableTarget } from "../loop-ir/legalize.ts";
import type { Program } from "../loop-ir/types.ts";
import { lower } from "../lower/lower.ts";
import { withTimers } from "../lower/timers.ts";
import { inlineBlocks } from "../rewrite/inline-blocks.ts";
import { devicePasses, passLists } from "../rewrite/passes.ts";
import { runPasses, type PassReport } from "../rewrite/pipeline.ts";
import { mulSizes } from "../size/size.ts";
import { budgetOf } from "./budget.ts";
import { BuildCache, contentOf } from "./build-cache.ts";
import { productStyle, type ProductStyle } from "./engine.ts";
import { planOf, type ExecutablePlan, type ProgramPlan } from "./executable-plan.ts";

export interface BuildRequest {
  readonly name: string;
  readonly inputs: readonly (readonly [string, Tensor])[];
  readonly outputs: readonly (readonly [string, Tensor])[];
  readonly updates: readonly (readonly [target: Tensor, value: Tensor])[];
  /** full: all passes; fast: those that are quick themselves; none: the graph as written. */
  readonly optimize: "full" | "fast" | "none";
  /** Which of the ways to compute a thing runs, where there are two. Default: portable. */
  readonly numerics?: "portable" | "fast";
  /** Whether `memory` budgets of scans hold. Default: true. */
  readonly hasBudget?: boolean;
  /** Timers around every piece of work. */
  readonly profile?: boolean;
  /** A processor wants right operands of products in panels, and products added up in place; a device, few kernels. Default: processor. */
  readonly target?: "processor" | "device";
}

/** A program that a backend can render, and how it is run. */
export interface Prepared {
  readonly plan: ProgramPlan;
  /** The shared variables of `plan.shared`, in the same order. */
  readonly shared: readonly Tensor[];
  readonly program: Program;
  /** The program as it was lowered, for people. */
  readonly lowered: Program;
  readonly reports: readonly PassReport[];
}

export interface Build extends Prepared {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly plan: ExecutablePlan;
  readonly style: ProductStyle;
}

const cache = new BuildCache<Build>();

/** Builds the module; starts nothing. The same request on the same engine gives the same bytes, and of the same content the same build. */
export function build(request: BuildRequest & { readonly sharedMemory: boolean }): Build {
  const { inputs, outputs, updates, ...options } = request;
  const style = productStyle(request.numerics ?? "portable");
  const content = contentOf({ inputs, outputs, updates }, { ...options, style });
  return cache.get(content, () => {
    const prepared = prepare(request, style.tiles);
    const { bytes, frame } = emitWasm(prepared.program, {
      sharedMemory: request.sharedMemory,
      tiles: style.tiles,
      isRelaxed: style.isRelaxed,
    });
    return { ...prepared, bytes, style, plan: { ...prepared.plan, frame } };
  });
}

/** graph -> rewrite -> lower -> legalised loop IR. Panels hold whole `tiles`. */
export function prepare(request: BuildRequest, tiles = defaultTiles): Prepared {
  const wanted = [
    ...request.outputs.map(([, t]) => t),
    ...request.updates.map(([, value]) => value),
  ];
  const inlined = inlineBlocks(wanted, request.numerics);
  const { optimize, target = "processor" } = request;
  const passes = target === "device" ? devicePasses(optimize) : passLists[optimize];
  const { results, reports } = runPasses(inlined, passes);
  const at = (i: number): Tensor => results[i] ?? wanted[i] ?? fail();
  const outputs = request.outputs.map(([name], i) => [name, at(i)] as const);
  const plain = lower({
    name: request.name,
    inputs: request.inputs.map(([, t]) => t),
    outputs: outputs.map(([name, tensor]) => ({ name, tensor })),
    updates: request.updates.map(([target], i) => ({ target, value: at(outputs.length + i) })),
    panelWidth: panelWidthFor(tiles),
    packs: target === "processor",
  });
  const lowered = request.profile === true ? withTimers(plain) : plain;
  const program = legalize(lowered.program, portableTarget);
  const budget = budgetOf(request.hasBudget === false ? [] : inlined, results);
  const plan = planOf(lowered, request.inputs, outputs, budget, mulSizes);
  const shared = lowered.shared.map(({ tensor }) => tensor);
  return { plan, shared, program, lowered: lowered.program, reports };
}

function fail(): never {
  throw new RangeError("a pass lost a result");
}
