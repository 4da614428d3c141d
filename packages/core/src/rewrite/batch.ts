/** Work of one step done for all steps at once: the same ops over a new leading axis. */
import type { Apply } from "../graph/op.ts";
import { applyOp, ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { recordOf } from "../ops/record.ts";
import type { Size } from "../size/size.ts";
import type { ScanDraft } from "./scan-draft.ts";

/** A tensor of a step as the graph outside of the loop has it: the same at every step, or one row per step. */
export interface Outside {
  readonly tensor: Tensor;
  readonly batched: boolean;
}

/** True when the application may be moved out of a loop: it can be batched, and cannot raise in a step that might not run. */
export function isMovable(apply: Apply): boolean {
  const record = recordOf(apply);
  const raises = record.lowering.kind === "element" && record.lowering.checks !== undefined;
  return (
    record.batch !== undefined && record.effectful !== true && !raises && apply.blocks.length === 0
  );
}

/** Moves tensors of a step outside. `known` says what block inputs are there; it grows by everything moved. */
export class Mover {
  readonly #known: Map<Tensor, Outside>;
  readonly #length: Size;

  constructor(length: Size, known: Map<Tensor, Outside>) {
    this.#length = length;
    this.#known = known;
  }

  /** What block inputs of a draft are outside; carries are their saved rows where the graph has them. */
  static of(draft: ScanDraft): Mover {
    const known = new Map<Tensor, Outside>();
    for (const { input, outer } of draft.consts)
      known.set(input, { tensor: outer, batched: false });
    for (const { input, outer } of draft.xs) known.set(input, { tensor: outer, batched: true });
    return new Mover(draft.params.length, known);
  }

  add(tensor: Tensor, outside: Outside): void {
    this.#known.set(tensor, outside);
  }

  has(tensor: Tensor): boolean {
    return this.#known.has(tensor) || tensor.origin.kind === "constant";
  }

  /** The tensor outside; everything it is made of down to known tensors must be movable. */
  move(tensor: Tensor): Outside {
    for (const apply of toposort([tensor], new Set(this.#known.keys()))) {
      const inputs = apply.inputs.map((x) => this.#at(x));
      const batched = inputs.map((x) => x.batched);
      const outer = inputs.map((x) => x.tensor);
      const record = recordOf(apply);
      const made = batched.includes(true)
        ? record.batch?.(apply, outer, batched, this.#length)
        : remake(apply, outer);
      for (const [i, output] of apply.outputs.entries()) {
        const moved = made?.[i];
        if (moved !== undefined)
          this.#known.set(output, { tensor: moved, batched: batched.includes(true) });
      }
    }
    return this.#at(tensor);
  }

  #at(tensor: Tensor): Outside {
    return this.#known.get(tensor) ?? { tensor, batched: false };
  }
}

function remake(apply: Apply, inputs: readonly Tensor[]): readonly Tensor[] {
  return inputs.every((x, i) => x === apply.inputs[i])
    ? apply.outputs
    : applyOp(apply.op, inputs, apply.params, apply.blocks);
}

/** The applications under `outputs` that satisfy `allowed`, with all applications under them satisfying it too; inputs before users. */
export function closedUnder(
  outputs: readonly Tensor[],
  leaves: (leaf: Tensor) => boolean,
  allowed: (apply: Apply) => boolean,
): Set<Apply> {
  const good = new Set<Apply>();
  for (const apply of toposort(outputs)) {
    const fits = apply.inputs.every((x) => {
      const owner = ownerOf(x);
      return owner === undefined ? x.origin.kind === "constant" || leaves(x) : good.has(owner);
    });
    if (fits && allowed(apply)) good.add(apply);
  }
  return good;
}
