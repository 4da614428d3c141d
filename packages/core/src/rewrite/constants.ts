/** Tensors whose every element is known. */
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { recordOf } from "../ops/record.ts";

/** True for a constant, or a constant scalar seen through views, whose every element is `value`. */
export function isAllEqual(tensor: Tensor | undefined, value: number): boolean {
  for (let at = tensor; at !== undefined;) {
    if (at.origin.kind === "constant") return at.rank === 0 && at.origin.value.item() === value;
    const apply = ownerOf(at);
    at =
      apply !== undefined && recordOf(apply).cost === "view" && apply.inputs.length === 1
        ? apply.inputs[0]
        : undefined;
  }
  return false;
}
