/** The value of a shared variable in host memory: where it begins, and where it is once nothing runs on it any more. */
import type { DType } from "./dtype.ts";
import { NDArray } from "./ndarray.ts";
import type { SharedHolder } from "./tensor.ts";

export class HostHolder implements SharedHolder {
  #value: NDArray;

  /** Keeps `value` itself, which nobody may change afterwards. */
  constructor(value: NDArray) {
    this.#value = value;
  }
  read(): NDArray {
    return this.#value;
  }
  write(value: NDArray): void {
    this.#value = copyOf(value);
  }
}

/** An array with elements of its own. */
export function copyOf<D extends DType>(value: NDArray<D>): NDArray<D>;
export function copyOf(value: NDArray): NDArray {
  return new NDArray(value.dtype, value.shape, value.data.slice());
}
