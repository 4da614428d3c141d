/** The tensors that steps receive: they have values inside their scan only. */
import type { Tensor } from "../../graph/tensor.ts";

const owners = new WeakMap<Tensor, string>();

export function noteStepArgument(tensor: Tensor, label: string): void {
  owners.set(tensor, label);
}

/** How messages call the scan whose step received `tensor`; undefined for other tensors. */
export function scanOfStepArgument(tensor: Tensor): string | undefined {
  return owners.get(tensor);
}
