/** Single elements of tensors, with the values around them. */
import { InternalError } from "../../errors/errors.ts";
import type { Sizes } from "../../graph/evaluate.ts";
import type { NDArray } from "../../graph/ndarray.ts";
import type { Apply } from "../../graph/op.ts";
import { describe, type Tensor } from "../../graph/tensor.ts";
import type { ScanParams } from "../../ops/scan/scan-params.ts";

/** An element of a tensor, in one step of the loops around it. */
export interface Spot {
  readonly tensor: Tensor;
  readonly element: readonly number[];
  readonly scope: Scope;
}

/** The values of a graph, or of one step of a loop. */
export interface Scope {
  readonly values: ReadonlyMap<Tensor, NDArray>;
  readonly sizes: Sizes;
  readonly step?: Step;
}
export interface Step {
  readonly loop: Apply<ScanParams>;
  readonly outer: Scope;
  /** The row that the step reads and writes. */
  readonly row: number;
  readonly steps: number;
}

/** True for the values that are followed. */
export type Wrong = (value: number) => boolean;

/** The value of a tensor of the scope. */
export function valueIn({ values }: Scope, tensor: Tensor): NDArray {
  const value = values.get(tensor);
  if (value !== undefined) return value;
  const { origin } = tensor;
  if (origin.kind === "constant") return origin.value;
  if (origin.kind === "shared") return origin.cell.holder.read(tensor);
  throw new InternalError(`no value for ${describe(tensor)}`);
}
