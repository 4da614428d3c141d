/** The one walk over graphs: iterative, so that depth costs no stack. */
import { ownerOf, type Apply } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** Every application that `outputs` need, inputs before users, in a fixed order. Stops at tensors in `stop`. Does not enter blocks. */
export function toposort(
  outputs: readonly Tensor[],
  stop: ReadonlySet<Tensor> = new Set(),
): Apply[] {
  const order: Apply[] = [];
  const done = new Set<Apply>();
  const stack: { readonly apply: Apply; next: number }[] = [];
  const visit = (tensor: Tensor): void => {
    const apply = stop.has(tensor) ? undefined : ownerOf(tensor);
    if (apply !== undefined && !done.has(apply)) {
      done.add(apply);
      stack.push({ apply, next: 0 });
    }
  };
  for (const output of outputs) {
    visit(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.apply.inputs[top.next++];
      if (input !== undefined) visit(input);
      else {
        order.push(top.apply);
        stack.pop();
      }
    }
  }
  return order;
}

/** Tensors that `outputs` depend on and that nothing computes (inputs, shared, constants), each once, in order of first use. */
export function leavesOf(
  outputs: readonly Tensor[],
  stop: ReadonlySet<Tensor> = new Set(),
): Tensor[] {
  const leaves = new Set<Tensor>();
  const add = (tensor: Tensor): void => {
    if (stop.has(tensor) || tensor.origin.kind !== "apply") leaves.add(tensor);
  };
  for (const apply of toposort(outputs, stop)) for (const input of apply.inputs) add(input);
  for (const output of outputs) add(output);
  return [...leaves];
}
