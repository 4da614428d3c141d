/** Symbolic tensors, and what an operation on them is: typed values of a graph, immutable plain data. The graph layer knows no op. */
import type { Size } from "../size/size.ts";
import type { DType } from "./dtype.ts";
import { shortName } from "./dtype.ts";
import type { NDArray } from "./ndarray.ts";
import { currentSite, type Site } from "./site.ts";

declare const brand: unique symbol;

export interface TensorType<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly Size[];
}

/** Where a tensor's value comes from. */
export type Origin =
  /** Given by the caller of a compiled function, or bound by a block; `called` is what messages say where it has no name. */
  | { readonly kind: "input"; readonly called?: string }
  | { readonly kind: "constant"; readonly value: NDArray }
  | { readonly kind: "shared"; readonly cell: SharedCell }
  | { readonly kind: "apply"; readonly apply: Apply; readonly output: number };

/** The present value of a shared variable; who owns the bytes may change (host memory, a store, a device). */
export interface SharedCell {
  holder: SharedHolder;
}
export interface SharedHolder {
  /** Who owns the bytes, for messages; undefined while nobody but the variable itself does. */
  readonly owner?: string;
  /** @param variable whose value it is, for messages */
  read(variable?: Tensor): NDArray;
  write(value: NDArray): void;
}

/** A closed piece of graph: its outputs depend on its inputs and constants alone. */
export interface Block {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Something about sizes that could not be proved when the graph was built; tested when a call begins. */
export interface SizeCheck {
  readonly x: Size;
  readonly relation: "equal" | "atLeast";
  readonly y: Size;
  /** The whole message but for the two values, e.g. `dot: "x" axis 1 and "W" axis 0 must agree`. */
  readonly message: string;
  readonly hint?: string;
  /** What to say in its place where one of the two values is 1. */
  readonly hintOfOne?: string;
}

export interface Inferred {
  readonly types: readonly TensorType[];
  readonly checks?: readonly SizeCheck[];
}

/** What a reference implementation may ask. */
export interface ReferenceContext {
  /** Shows a value to whoever watches. */
  readonly print: (label: string, value: NDArray) => void;
  /** The value of a size in this evaluation. */
  readonly size: (size: Size) => number;
  /** The types of the results. */
  readonly types: readonly TensorType[];
  /** Runs a block of the application: for loops, as the step that works on this row. */
  readonly block: (block: Block, inputs: readonly NDArray[], row?: number) => readonly NDArray[];
}

/** What a gradient rule may ask; supplied by autodiff, so that rules know no walk. */
export interface GradientContext {
  readonly add: (x: Tensor, y: Tensor) => Tensor;
  /** Zeros like `x`. */
  readonly zeros: (x: Tensor) => Tensor;
  /**
   * Cotangents of `wrt` given cotangents of `outputs` (undefined = none); undefined where there is no path.
   * The result may use anything `outputs` uses.
   */
  readonly pullback: (
    outputs: readonly Tensor[],
    cotangents: readonly (Tensor | undefined)[],
    wrt: readonly Tensor[],
  ) => readonly (Tensor | undefined)[];
  /** Tangents of `outputs` given tangents of `wrt`. */
  readonly pushforward: (
    outputs: readonly Tensor[],
    wrt: readonly Tensor[],
    tangents: readonly (Tensor | undefined)[],
  ) => readonly (Tensor | undefined)[];
}

/**
 * One operation: types, slow reference, derivatives. Ops of the ops layer add how they are lowered and batched.
 * `P` is plain immutable data (sizes allowed); two applications with equal op, inputs and `JSON.stringify(params)` are the same value.
 */
export interface Op<P = unknown> {
  readonly name: string;
  /** What users call it, where that is another word: messages then name its operands, too. */
  readonly spoken?: string;
  /** Result types; throws what the user did wrong. */
  infer(inputs: readonly Tensor[], params: P, blocks: readonly Block[]): Inferred;
  /** Plain loops over arrays: the meaning of the op. */
  reference(
    inputs: readonly NDArray[],
    params: P,
    context: ReferenceContext,
    blocks: readonly Block[],
  ): readonly NDArray[];
  /** Cotangents of the inputs from those of the outputs (undefined = zero); undefined where no gradient flows. Missing: differentiating throws with the op's name. */
  vjp?(
    context: GradientContext,
    apply: Apply<P>,
    cotangents: readonly (Tensor | undefined)[],
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[];
  /** Tangents of the outputs from those of the inputs. */
  jvp?(
    context: GradientContext,
    apply: Apply<P>,
    tangents: readonly (Tensor | undefined)[],
  ): readonly (Tensor | undefined)[];
}

/** An op applied to tensors. */
export interface Apply<P = unknown> {
  readonly op: Op<P>;
  readonly inputs: readonly Tensor[];
  readonly params: P;
  readonly blocks: readonly Block[];
  readonly outputs: readonly Tensor[];
  readonly checks: readonly SizeCheck[];
  readonly site: Site;
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
  if (origin.kind === "constant")
    return `constant ${origin.value.rank === 0 ? origin.value.item() : printType(tensor.type)}`;
  if (origin.kind === "input" && origin.called !== undefined) return origin.called;
  return `${origin.kind === "apply" ? `result of ${origin.apply.op.spoken ?? origin.apply.op.name}` : origin.kind} (${tensor.site.toString()})`;
}
