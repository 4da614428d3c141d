/** What a step uses from outside: found by walking back from its results. */
import { freshLike, rebuild } from "../../graph/rebuild.ts";
import { currentSite, withSite } from "../../graph/site.ts";
import { Tensor } from "../../graph/tensor.ts";
import { leavesOf } from "../../graph/walk.ts";
import { constantSize } from "../../size/size.ts";
import { isDrawn } from "../stream-states.ts";

/** The id that the next tensor will exceed: everything made before has a lower or equal one. */
export function tensorClock(): number {
  return withSite(
    currentSite(),
    () => new Tensor({ dtype: "bool", shape: [constantSize(0)] }, { kind: "input" }),
  ).id;
}

/** The step's results as a closed piece of graph, and what it takes from outside. */
export interface Captured {
  readonly outputs: readonly Tensor[];
  /** Tensors from outside in order of first use. */
  readonly outer: readonly Tensor[];
  /** The block inputs that stand for them. */
  readonly inputs: readonly Tensor[];
}

/**
 * Closes `results` over `args`: tensors made before `clock`, and inputs and shared variables that are no arguments, become
 * fresh block inputs. Constants stay. `replaced` gives stand-ins that exist already (updated shared variables); what outside
 * depends on one of these is computed anew in the block, so that every step sees the present value; numbers that a stream drew outside
 * stay as they are.
 */
export function capture(
  results: readonly Tensor[],
  args: ReadonlySet<Tensor>,
  clock: number,
  replaced: ReadonlyMap<Tensor, Tensor>,
): Captured {
  const changing = new Map<Tensor, boolean>();
  const isChanging = (tensor: Tensor): boolean => {
    if (replaced.size === 0) return false;
    const known = changing.get(tensor);
    if (known !== undefined) return known;
    const found = leavesOf([tensor], new VirtualSet(isDrawn)).some((leaf) => replaced.has(leaf));
    changing.set(tensor, found);
    return found;
  };
  const isOuter = (tensor: Tensor): boolean => {
    if (args.has(tensor) || replaced.has(tensor) || tensor.origin.kind === "constant") return false;
    return tensor.origin.kind !== "apply" || (tensor.id <= clock && !isChanging(tensor));
  };
  const outer = outerTensors(results, isOuter);
  const inputs = outer.map((tensor) => freshLike(tensor));
  const standIns = new Map<Tensor, Tensor>([
    ...replaced,
    ...outer.map((tensor, i): [Tensor, Tensor] => [tensor, inputs[i] ?? tensor]),
  ]);
  return { outputs: rebuild(results, standIns), outer, inputs };
}

/** The outer tensors that `results` reach without passing another one, in order of first use. */
function outerTensors(results: readonly Tensor[], isOuter: (tensor: Tensor) => boolean): Tensor[] {
  return leavesOf(results, new VirtualSet(isOuter)).filter(isOuter);
}

/** The set of all tensors that a condition holds for. */
class VirtualSet extends Set<Tensor> {
  readonly #holds: (tensor: Tensor) => boolean;
  constructor(holds: (tensor: Tensor) => boolean) {
    super();
    this.#holds = holds;
  }
  override has(tensor: Tensor): boolean {
    return this.#holds(tensor);
  }
}
