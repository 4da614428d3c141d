/** How many bytes the arrays of a plan take. */
import { evaluateSize, type SizeEnvironment } from "../size/size.ts";
import { bytesOf, type PlanArray } from "./executable-plan.ts";

const alignment = 64;
/** The next address that a cache line begins at. */
export const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

export const totalBytes = (bytes: readonly number[]): number =>
  bytes.reduce((sum, b) => sum + b, 0);

/** The bytes of each array for these sizes. */
export const arrayBytes = (
  arrays: readonly Pick<PlanArray, "dtype" | "shape">[],
  sizes: SizeEnvironment,
): number[] =>
  arrays.map(({ dtype, shape }) =>
    align(bytesOf[dtype] * shape.reduce((n, size) => n * evaluateSize(size, sizes), 1)),
  );
