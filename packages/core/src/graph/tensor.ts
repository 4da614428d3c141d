/** Symbolic tensors: typed values of a graph, immutable plain data. */
import type { Size } from "../size/size.ts";
import type { DType } from "./dtype.ts";
import { shortName } from "./dtype.ts";
import type { NDArray } from "./ndarray.ts";
import type { Apply } from "./op.ts";
import { currentSite, type Site } from "./site.ts";

declare const brand: unique symbol;

export interface TensorType<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly Size[];
}

/** Where a tensor's value comes from. */
export type Origin =
  /** Given by the caller of a compiled function, or bound by a block. */
  | { readonly kind: "input" }
  | { readonly kind: "constant"; readonly value: NDArray }
  | { readonly kind: "shared"; readonly cell: SharedCell }
  | { readonly kind: "apply"; readonly apply: Apply; readonly output: number };

/** The present value of a shared variable; who owns the bytes may change (host memory, a store, a device). */
export interface SharedCell {
  holder: SharedHolder;
}
export interface SharedHolder {
  read(): NDArray;
  write(value: NDArray): void;
}

let count = 0;

/** A symbolic tensor. Arithmetic methods are attached by the api layer. */
export class Tensor<out D extends DType = DType> {
  declare readonly [brand]: D;
  readonly id: number;
  readonly type: TensorType<D>;
  readonly origin: Origin;
  readonly name: string | undefined;
  readonly site: Site;

  constructor(type: TensorType<D>, origin: Origin, name?: string) {
    this.id = count++;
    this.type = type;
    this.origin = origin;
    this.name = name;
    this.site = currentSite();
  }

  get dtype(): D {
    return this.type.dtype;
  }
  /** Sizes of the axes, known or symbolic. */
  get shape(): readonly Size[] {
    return this.type.shape;
  }
  get rank(): number {
    return this.type.shape.length;
  }

  /** A tensor has no truth value. */
  [Symbol.toPrimitive](): never {
    return refuseValue(this);
  }
  [Symbol.iterator](): never {
    return refuseValue(this);
  }
}

let refuseValue: (tensor: Tensor) => never = (tensor) => {
  throw new TypeError(`${describe(tensor)} is symbolic and has no value`);
};
/** Lets the api say what to use instead. */
export function onValueAsked(refuse: (tensor: Tensor) => never): void {
  refuseValue = refuse;
}

/** `f32[T, 3]`. */
export function printType(type: TensorType): string {
  return `${shortName[type.dtype]}[${type.shape.join(", ")}]`;
}

/** What the user calls it: its name, else the op and the place where it was made. */
export function describe(tensor: Tensor): string {
  if (tensor.name !== undefined) return `"${tensor.name}"`;
  const { origin } = tensor;
  if (origin.kind === "constant") return `constant ${origin.value.rank === 0 ? origin.value.item() : printType(tensor.type)}`;
  return `${origin.kind === "apply" ? `result of ${origin.apply.op.name}` : origin.kind} (${tensor.site.toString()})`;
}
