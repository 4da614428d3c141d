/**
 * Decides, for one region (a whole function, or one step of a loop), what is stored, what is fused into its users, and in which
 * order the kernels run. Elementwise results of equal shape that may run together become one group, one kernel.
 */
import type { Apply } from "../graph/op.ts";
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { literal } from "../loop-ir/build.ts";
import { indexOf, indexVar } from "../loop-ir/index-expr.ts";
import type { Index, IndexVar } from "../loop-ir/types.ts";
import { recordOf, scalarTypeOf } from "../ops/record.ts";
import { sameShape } from "../ops/shape.ts";
import type { Size } from "../size/size.ts";
import { indexKey, isFusable, Puller } from "./pull.ts";

/** Results computed together, element by element, by one loop nest over `shape`. */
export interface Group {
  readonly kind: "group";
  readonly shape: readonly Size[];
  readonly vars: readonly IndexVar[];
  readonly members: Tensor[];
}
/** One application that runs by itself. */
export interface Single {
  readonly kind: "single";
  readonly apply: Apply;
}
/** Tests that an application wants made before anybody reads its result, e.g. of index ranges. */
export interface Check {
  readonly kind: "check";
  readonly apply: Apply;
}
export type Step = Group | Single | Check;

/** A read of a stored tensor by a step. */
export interface Read {
  readonly tensor: Tensor;
  /** At the very element that the step computes. */
  readonly aligned: boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** The step that computes a tensor. */
  readonly stepOf: ReadonlyMap<Tensor, number>;
  /** What each step reads from storage (members of the same group included). */
  readonly reads: readonly (readonly Read[])[];
  /** Tensors whose elements somebody else needs in memory. */
  readonly stored: ReadonlySet<Tensor>;
  /** What reads a tensor: an application that reads it twice stands here twice. */
  readonly users: ReadonlyMap<Tensor, readonly Apply[]>;
  readonly results: ReadonlySet<Tensor>;
  /** What results that no step computes (bound tensors, views, single loads) read when they are copied out. */
  readonly loose: ReadonlyMap<Tensor, readonly Read[]>;
}

/** Inlining up to this much work again is cheaper than a trip through memory. */
const recomputeLimit = 2;
/** Larger expressions are cut, so that kernels stay of a size that compiles well. */
const expressionLimit = 80;
/** A group that is full is left as it is: one kernel of thousands of results would compile slowly. */
const mostMembers = 64;
const flops = { view: 0, cheap: 1, transcendental: 20, expensive: 1000 } as const;

/** Plans the computation of `results` from `inputs` (tensors bound elsewhere). */
export function planRegion(results: readonly Tensor[], inputs: ReadonlySet<Tensor>): Plan {
  const order = toposort(results, inputs);
  const users = usersOf(order);
  const planned = chooseStored(order, users, new Set(results), inputs);
  return schedule(order, planned, users, inputs, new Set(results));
}

function usersOf(order: readonly Apply[]): Map<Tensor, Apply[]> {
  const users = new Map<Tensor, Apply[]>();
  for (const apply of order)
    for (const input of apply.inputs) {
      const found = users.get(input);
      if (found === undefined) users.set(input, [apply]);
      else found.push(apply);
    }
  return users;
}

/** Fusable tensors that get a place of their own in a group, because inlining them would repeat work or is impossible. */
function chooseStored(
  order: readonly Apply[],
  users: ReadonlyMap<Tensor, readonly Apply[]>,
  results: ReadonlySet<Tensor>,
  inputs: ReadonlySet<Tensor>,
): Set<Tensor> {
  const demands = demandsOf(order, results);
  const chosen = new Set<Tensor>();
  const costs = new Map<Tensor, number>();
  for (const apply of order) {
    const [output] = apply.outputs;
    if (output === undefined || !isFusable(apply)) continue;
    const record = recordOf(apply);
    const cost = flops[record.cost] + apply.inputs.reduce((sum, x) => sum + (costs.get(x) ?? 0), 0);
    costs.set(output, cost);
    if (record.lowering.kind === "view") continue;
    const demand = demands.get(output);
    const repeated =
      cost > recomputeLimit && (demand === "wished" || spread(output, users) !== "once");
    if (demand === "needed" || repeated || cost > expressionLimit) {
      chosen.add(output);
      costs.set(output, 0);
    }
  }
  for (const input of inputs) chosen.delete(input);
  return chosen;
}

/** How a tensor's elements are used by what it may be inlined into, seen through views: once each, or more often. */
function spread(tensor: Tensor, users: ReadonlyMap<Tensor, readonly Apply[]>): "once" | "often" {
  const consumers = new Set<Apply>();
  const pending = [tensor];
  for (let at = pending.pop(); at !== undefined; at = pending.pop())
    for (const user of users.get(at) ?? []) {
      const { lowering } = recordOf(user);
      if (lowering.kind === "view" && lowering.inParts === true) continue;
      if (lowering.kind === "view") pending.push(...user.outputs);
      else consumers.add(user);
    }
  if (consumers.size > 1) return "often";
  for (const consumer of consumers) {
    const [output] = consumer.outputs;
    const { kind } = recordOf(consumer).lowering;
    if (kind === "scalar" && output !== undefined && !sameElements(tensor, output)) return "often";
  }
  return "once";
}

function sameElements(a: Tensor, b: Tensor): boolean {
  const strip = (shape: readonly Size[]): readonly Size[] =>
    shape.filter((size) => size.constant !== 1);
  return sameShape(strip(a.shape), strip(b.shape));
}

/** needed: must lie in memory. wished: its user reads it more than once per element, or in
 * an order of its own. */
function demandsOf(
  order: readonly Apply[],
  results: ReadonlySet<Tensor>,
): Map<Tensor, "needed" | "wished"> {
  const demands = new Map<Tensor, "needed" | "wished">();
  const demand = (tensor: Tensor | undefined, how: "needed" | "wished" | undefined): void => {
    if (tensor !== undefined && how !== undefined && demands.get(tensor) !== "needed")
      demands.set(tensor, how);
  };
  for (const result of results) demand(result, "needed");
  for (const apply of [...order].reverse()) {
    const { lowering } = recordOf(apply);
    const { kind } = lowering;
    switch (kind) {
      case "matmul":
      case "print":
      case "reshape":
        for (const x of apply.inputs) demand(x, "needed");
        break;
      case "view":
        if (lowering.inParts === true) break;
        demand(
          apply.inputs[0],
          apply.outputs[0] === undefined ? undefined : demands.get(apply.outputs[0]),
        );
        break;
      case "assemble":
        // Made where it goes by the kernel that has what it is made of at hand.
        for (const x of apply.inputs) demand(x, isElementwise(x) ? "needed" : "wished");
        break;
      case "block":
      case "loop":
      case "kernel":
      case "prefix":
      case "element":
        for (const x of apply.inputs) demand(x, "wished");
        break;
      case "update":
        demand(apply.inputs[0], "wished");
        break;
      case "scalar":
      case "reduce":
        break;
      default:
        kind satisfies never;
    }
  }
  return demands;
}

function isElementwise(tensor: Tensor): boolean {
  const apply = ownerOf(tensor);
  return apply !== undefined && recordOf(apply).lowering.kind === "scalar";
}

/**
 * The applications in whose memory a piece is made: those that are put together of it, where nothing else reads it from memory. A
 * kernel over elements makes it in several.
 */
export function assemblersOf(plan: Plan, tensor: Tensor): readonly Apply[] {
  if (plan.results.has(tensor)) return [];
  const users = plan.users.get(tensor) ?? [];
  const assemblers = users.filter((user) => recordOf(user).lowering.kind === "assemble");
  if (users.length === 1 || assemblers.length === 0) return assemblers;
  const step = plan.stepOf.get(tensor);
  if (step === undefined || plan.steps[step]?.kind !== "group") return [];
  // What has no step is computed where it is used: its users count. A list, so that long chains of views cost no stack.
  const others = new Set(users.filter((user) => !assemblers.includes(user)));
  for (const user of others)
    for (const output of user.outputs) {
      const own = plan.stepOf.get(output);
      if (own === step) continue;
      if (own !== undefined || plan.results.has(output)) return [];
      for (const next of plan.users.get(output) ?? []) others.add(next);
    }
  return new Set(assemblers).size === assemblers.length ? assemblers : [];
}

/** Puts every chosen tensor into the latest group of its shape that comes after all it needs, and everything else into steps of its own. */
function schedule(
  order: readonly Apply[],
  chosen: ReadonlySet<Tensor>,
  users: ReadonlyMap<Tensor, readonly Apply[]>,
  inputs: ReadonlySet<Tensor>,
  results: ReadonlySet<Tensor>,
): Plan {
  const steps: Step[] = [];
  const reads: Read[][] = [];
  const stepOf = new Map<Tensor, number>();
  const isPlaced = (tensor: Tensor): boolean =>
    stepOf.has(tensor) || inputs.has(tensor) || ownerOf(tensor) === undefined;
  const readsOf = (pull: (puller: Puller) => void, own: string | undefined): Read[] => {
    const found = new Map<Tensor, Read>();
    pull(
      new Puller({
        stored: (tensor, index) => {
          if (!isPlaced(tensor)) return undefined;
          const aligned = indexKey(index) === own && (found.get(tensor)?.aligned ?? true);
          found.set(tensor, { tensor, aligned });
          return literal(scalarTypeOf[tensor.dtype], 0);
        },
      }),
    );
    return [...found.values()];
  };
  for (const apply of order) {
    const [output] = apply.outputs;
    if (output === undefined) continue;
    if (isFusable(apply)) {
      const { lowering } = recordOf(apply);
      if (lowering.kind === "element" && lowering.checks !== undefined) {
        steps.push({ kind: "check", apply });
        reads.push(apply.inputs.flatMap((x) => singleReads(x)));
      }
      if (!chosen.has(output)) continue;
      const group = place(output);
      stepOf.set(output, group);
    } else {
      const step = steps.push({ kind: "single", apply }) - 1;
      reads.push(apply.inputs.flatMap((x) => singleReads(x)));
      for (const result of apply.outputs) stepOf.set(result, step);
    }
  }
  function singleReads(x: Tensor): Read[] {
    const vars = x.shape.map((_, axis) => indexOf(indexVar(`i${axis}`)));
    return readsOf((puller) => puller.element(x, vars), undefined);
  }
  function place(tensor: Tensor): number {
    for (let at = steps.length - 1; at >= 0; at--) {
      const step = steps[at];
      if (step?.kind !== "group" || !sameShape(step.shape, tensor.shape)) continue;
      if (step.members.length >= mostMembers) break;
      const found = groupReads(tensor, step.vars);
      const fits = found.every((read) => {
        const from = stepOf.get(read.tensor);
        return from === undefined || from < at || (from === at && read.aligned);
      });
      if (!fits) break;
      step.members.push(tensor);
      reads[at]?.push(...found);
      return at;
    }
    const vars = tensor.shape.map((_, axis) => indexVar(`i${axis}`));
    reads.push(groupReads(tensor, vars));
    return steps.push({ kind: "group", shape: tensor.shape, vars, members: [tensor] }) - 1;
  }
  function groupReads(tensor: Tensor, vars: readonly IndexVar[]): Read[] {
    const index: Index[] = vars.map((v) => indexOf(v));
    return readsOf((puller) => puller.compute(tensor, index), indexKey(index));
  }
  const stored = new Set<Tensor>(results);
  for (const [at, found] of reads.entries())
    for (const { tensor } of found) if (stepOf.get(tensor) !== at) stored.add(tensor);
  for (const step of steps)
    if (step.kind === "single") for (const output of step.apply.outputs) stored.add(output);
  const loose = new Map(
    [...results].filter((r) => !stepOf.has(r)).map((r) => [r, singleReads(r)] as const),
  );
  for (const found of loose.values()) for (const { tensor } of found) stored.add(tensor);
  return { steps, stepOf, reads, stored, users, results, loose };
}
