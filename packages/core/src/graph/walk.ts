/** The one walk over graphs: iterative, so that depth costs no stack. */
import type { Apply } from "./op.ts";
import type { Tensor } from "./tensor.ts";

interface Walk {
  readonly outputs: readonly Tensor[];
  readonly order: readonly Apply[];
}

/** The last walk without stops: checks and passes walk one graph after another. Graphs do not change, and this keeps none alive. */
let lastWalk: WeakRef<Walk> | undefined;

/** Every application that `outputs` need, inputs before users, in a fixed order. Stops at tensors in `stop`. Does not enter blocks. */
export function toposort(
  outputs: readonly Tensor[],
  stop: ReadonlySet<Tensor> = none,
): readonly Apply[] {
  if (stop.size > 0) return walk(outputs, stop);
  const last = lastWalk?.deref();
  if (last?.outputs.length === outputs.length && last.outputs.every((x, i) => x === outputs[i]))
    return last.order;
  const order = walk(outputs, stop);
  lastWalk = new WeakRef({ outputs: [...outputs], order });
  return order;
}

const none: ReadonlySet<Tensor> = new Set();

function walk(outputs: readonly Tensor[], stop: ReadonlySet<Tensor>): readonly Apply[] {
  const order: Apply[] = [];
  const done = new Set<Apply>();
  // The path from an output down to where the walk is, and which input of each comes next.
  const path: Apply[] = [];
  const next: number[] = [];
  const enter = (tensor: Tensor): void => {
    const { origin } = tensor;
    if (origin.kind !== "apply" || done.has(origin.apply) || stop.has(tensor)) return;
    done.add(origin.apply);
    path.push(origin.apply);
    next.push(0);
  };
  for (const output of outputs) {
    enter(output);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const place = next.at(-1) ?? 0;
      const input = top.inputs[place];
      if (input !== undefined) {
        next[next.length - 1] = place + 1;
        enter(input);
      } else {
        order.push(top);
        path.pop();
        next.pop();
      }
    }
  }
  return order;
}

/** Tensors that `outputs` depend on and that nothing computes (inputs, shared, constants), each once, in order of first use. */
export function leavesOf(outputs: readonly Tensor[], stop: ReadonlySet<Tensor> = none): Tensor[] {
  const leaves = new Set<Tensor>();
  const add = (tensor: Tensor): void => {
    if (stop.has(tensor) || tensor.origin.kind !== "apply") leaves.add(tensor);
  };
  for (const apply of toposort(outputs, stop)) for (const input of apply.inputs) add(input);
  for (const output of outputs) add(output);
  return [...leaves];
}
