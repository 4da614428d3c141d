/**
 * Computes single elements of tensors as scalar expressions, fusing every producer that is not stored. Given the same tensor at the
 * same index it returns the same object, so that shared work is done once per kernel.
 */
import { InternalError } from "../errors/errors.ts";
import { ownerOf, type Apply } from "../graph/op.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { literal } from "../loop-ir/build.ts";
import { zeroIndex } from "../loop-ir/index-expr.ts";
import type { Expr, Index, IndexTerm, IndexVar } from "../loop-ir/types.ts";
import { recordOf, scalarTypeOf } from "../ops/record.ts";

const identities = new WeakMap<IndexVar | Expr, number>();
let nextIdentity = 0;
function identityOf(x: IndexVar | Expr): number {
  const known = identities.get(x);
  if (known !== undefined) return known;
  identities.set(x, nextIdentity);
  return nextIdentity++;
}

const termKey = ({ coef, of }: IndexTerm): string => `${coef.key}@${identityOf(of)}`;

/** Equal keys: the same position. */
export function indexKey(index: readonly Index[]): string {
  let key = "";
  for (const { terms, offset } of index) {
    const [first] = terms;
    if (terms.length > 1) key += terms.map(termKey).sort().join("+");
    else if (first !== undefined) key += termKey(first);
    key += `:${offset.key},`;
  }
  return key;
}

/** The index of an input of an elementwise op: axes padded on the left, axes of size 1 at 0. */
export function broadcastIndex(input: Tensor, index: readonly Index[]): Index[] {
  const skip = index.length - input.rank;
  return input.shape.map((size, axis) =>
    size.constant === 1 ? zeroIndex : (index[axis + skip] ?? zeroIndex),
  );
}

export interface PullSource {
  /** The element of a tensor that this kernel does not compute itself; undefined when its producer is to be fused in. */
  readonly stored: (tensor: Tensor, index: readonly Index[]) => Expr | undefined;
}

export class Puller {
  readonly #source: PullSource;
  readonly #memo = new Map<Tensor, Map<string, Expr>>();

  constructor(source: PullSource) {
    this.#source = source;
  }

  /** The element of `tensor` at `index`. */
  element(tensor: Tensor, index: readonly Index[]): Expr {
    const known = this.#memo.get(tensor) ?? new Map<string, Expr>();
    this.#memo.set(tensor, known);
    const key = indexKey(index);
    const old = known.get(key);
    if (old !== undefined) return old;
    const made = this.#source.stored(tensor, index) ?? this.#fuse(tensor, index);
    known.set(key, made);
    return made;
  }

  /** The element of a view: followed in a loop, since views may be chained without end. */
  #viewed(start: Tensor, at: readonly Index[]): Expr {
    let [tensor, index] = [start, at];
    for (let view = viewStep(tensor); view !== undefined; view = viewStep(tensor)) {
      index = view.index(index);
      tensor = view.input;
      const stored = this.#source.stored(tensor, index);
      if (stored !== undefined) return stored;
    }
    return this.element(tensor, index);
  }

  /** The element of `tensor` by its own rule, even where the tensor is stored. */
  compute(tensor: Tensor, index: readonly Index[]): Expr {
    const made = this.#fuse(tensor, index);
    const known = this.#memo.get(tensor) ?? new Map<string, Expr>();
    known.set(indexKey(index), made);
    this.#memo.set(tensor, known);
    return made;
  }

  #fuse(tensor: Tensor, index: readonly Index[]): Expr {
    const { origin } = tensor;
    if (origin.kind === "constant" && tensor.rank === 0)
      return literal(scalarTypeOf[tensor.dtype], origin.value.item());
    const apply = ownerOf(tensor);
    if (apply === undefined) throw new InternalError(`${describe(tensor)} has no storage`);
    return this.#fuseApply(apply, index);
  }

  #fuseApply(apply: Apply, index: readonly Index[]): Expr {
    const { lowering } = recordOf(apply);
    const input = (i: number): Tensor => {
      const tensor = apply.inputs[i];
      if (tensor === undefined) throw new InternalError(`op ${apply.op.name} has no input ${i}`);
      return tensor;
    };
    switch (lowering.kind) {
      case "scalar":
        return lowering.scalar(
          apply.inputs.map((x) => this.element(x, broadcastIndex(x, index))),
          apply,
        );
      case "element":
        return lowering.element({ apply, index, read: (i, at) => this.element(input(i), at) });
      case "view":
        return this.#viewed(input(0), lowering.view(apply, index));
      case "assemble":
      case "block":
      case "kernel":
      case "loop":
      case "matmul":
      case "prefix":
      case "print":
      case "reduce":
      case "reshape":
      case "update":
        throw new InternalError(`op ${apply.op.name} cannot be fused`);
      default:
        return lowering satisfies never;
    }
  }
}

/** The tensor that a view shows, and where its elements lie in it. */
export interface ViewStep {
  readonly input: Tensor;
  readonly index: (at: readonly Index[]) => readonly Index[];
}

/** One step down a chain of views; undefined at its end. */
export function viewStep(tensor: Tensor): ViewStep | undefined {
  const apply = ownerOf(tensor);
  const [input] = apply?.inputs ?? [];
  if (apply === undefined || input === undefined) return undefined;
  const { lowering } = recordOf(apply);
  return lowering.kind === "view" ? { input, index: (at) => lowering.view(apply, at) } : undefined;
}

/** True for ops that a Puller can fuse. */
export function isFusable(apply: Apply): boolean {
  const { kind } = recordOf(apply).lowering;
  return kind === "scalar" || kind === "element" || kind === "view";
}
