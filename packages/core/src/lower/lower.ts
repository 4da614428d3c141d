/** From a graph to a program of the loop IR: plan, kernels, loops, storage. */
import type { Tensor } from "../graph/tensor.ts";
import { leavesOf } from "../graph/walk.ts";
import { collectSizes } from "../loop-ir/collect-sizes.ts";
import { zeroIndex } from "../loop-ir/index-expr.ts";
import type { Buffer, IndexVar, LoopFunction, Program } from "../loop-ir/types.ts";
import type { Failure } from "../ops/record.ts";
import type { HostEvent } from "./events.ts";
import { commitEntry, runEntry } from "./entries.ts";
import { lowerLoop } from "./lower-loop.ts";
import { lowerSteps } from "./lower-steps.ts";
import { planRegion } from "./plan.ts";
import { ProgramBuilder } from "./program-builder.ts";
import { Region } from "./region.ts";
import { assignSlots, type Slot } from "./storage.ts";
import type { View } from "./view.ts";

/** What a function computes: results by name, and new values of shared variables. */
export interface LowerRequest {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[];
  readonly updates: readonly { readonly target: Tensor; readonly value: Tensor }[];
  readonly panelWidth: Program["panelWidth"];
  /** Whether right operands of products are laid out anew for the kernels that multiply. Default: true. */
  readonly packs?: boolean;
}

/** A program with two entries: `run` computes everything and writes nothing shared, `commit` writes the new values. */
export interface Lowered {
  readonly program: Program;
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  readonly shared: readonly { readonly tensor: Tensor; readonly buffer: Buffer }[];
  readonly slots: readonly Slot[];
  /** Temporaries that must keep their value from `run` to `commit`. */
  readonly pending: readonly Buffer[];
  /** Messages of failure codes 1, 2, ... */
  readonly failures: readonly Failure[];
  readonly events: readonly HostEvent[];
  /** The names of scans by the variable of their loop. */
  readonly loops: ReadonlyMap<IndexVar, string>;
}

export function lower(request: LowerRequest): Lowered {
  const builder = new ProgramBuilder(request.panelWidth, request.packs);
  const root = new Region(builder);
  const results = [
    ...new Set([...request.outputs.map((o) => o.tensor), ...request.updates.map((u) => u.value)]),
  ];
  const inputs = request.inputs.map((tensor, i) => bind(tensor, "input", `input${i}`));
  const sharedTensors = new Set(
    [...leavesOf(results), ...request.updates.map((u) => u.target)].filter(
      (t) => t.origin.kind === "shared",
    ),
  );
  const shared = [...sharedTensors].map((tensor, i) => ({
    tensor,
    buffer: bind(tensor, "shared", `shared${i}`),
  }));

  function bind(tensor: Tensor, role: "input" | "shared", fallback: string): Buffer {
    const view = builder.bufferFor(tensor, role, tensor.name ?? fallback);
    root.bindView(tensor, view);
    return view.buffer;
  }

  const destinations = new Map<Tensor, View[]>();
  const send = (tensor: Tensor, view: View): Buffer => {
    destinations.set(tensor, [...(destinations.get(tensor) ?? []), view]);
    return view.buffer;
  };
  const outputs = request.outputs.map(({ name, tensor }) =>
    send(tensor, builder.bufferFor(tensor, "output", name)),
  );
  const next = request.updates.map(({ target, value }) => ({
    target,
    from: send(value, root.temporary(value)),
  }));

  root.begin(planRegion(results, new Set([...request.inputs, ...sharedTensors])), destinations);
  lowerSteps(root, lowerLoop);
  for (const [tensor, places] of destinations)
    if (!root.plan.stepOf.has(tensor)) root.copyTo(tensor, places);

  const run: LoopFunction = { name: runEntry, params: [], body: root.body };
  const commit: LoopFunction = {
    name: commitEntry,
    params: [],
    body: next.flatMap(({ target, from }) => {
      const to = root.viewOf(target)?.buffer;
      return to === undefined
        ? []
        : [
            {
              kind: "copy" as const,
              from,
              fromOffset: zeroIndex,
              to,
              toOffset: zeroIndex,
              size: from.size,
            },
          ];
    }),
  };
  const functions = builder.functions;
  const program: Program = {
    name: request.name,
    buffers: builder.buffers,
    sizes: collectSizes(builder.buffers, [...functions, run, commit]),
    functions,
    entries: [run, commit],
    panelWidth: request.panelWidth,
  };
  return {
    program,
    inputs,
    outputs,
    shared,
    slots: assignSlots([...run.body, ...commit.body], builder.homes),
    pending: next.map((n) => n.from),
    failures: builder.failures,
    events: builder.events,
    loops: builder.loops,
  };
}
