/** The variables that an optimiser keeps: made when first asked for, the same ones afterwards. */
import { Shared } from "../api/shared.ts";
import type { DType } from "../graph/dtype.ts";
import { generate } from "../graph/ndarray.ts";

/** State by owner and name; the owner is a parameter, or the optimiser itself. */
export class OptimizerState {
  readonly #slots = new Map<object, Map<string, Shared>>();

  /** In the order in which they were made. */
  get variables(): Shared[] {
    return [...this.#slots.values()].flatMap((slots) => [...slots.values()]);
  }

  /** A variable of this shape, filled with `value` at first. */
  variable(owner: object, name: string, shape: readonly number[], dtype: DType, value = 0): Shared {
    const slots = this.#slots.get(owner) ?? new Map<string, Shared>();
    this.#slots.set(owner, slots);
    const key = `${dtype} ${name}`;
    const known = slots.get(key);
    if (known !== undefined) return known;
    const made = new Shared<DType>(
      generate(dtype, shape, () => value),
      name,
    );
    slots.set(key, made);
    return made;
  }
}
