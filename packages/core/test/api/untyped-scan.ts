import { scan, type Tensor } from "../../src/index.ts";

/** Calls scan as plain JavaScript may. */
export const untyped = scan as unknown as (...args: readonly unknown[]) => {
  outputs: Tensor;
  final: Tensor;
};
