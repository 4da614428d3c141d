/** Operations and their applications. The graph layer knows what an op is, and no op. */
import type { Size } from "../size/size.ts";
import type { NDArray } from "./ndarray.ts";
import type { Site } from "./site.ts";
import { currentSite } from "./site.ts";
import { Tensor, type TensorType } from "./tensor.ts";

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
}

export interface Inferred {
  readonly types: readonly TensorType[];
  readonly checks?: readonly SizeCheck[];
}

/** What a reference implementation may ask. */
export interface ReferenceContext {
  /** The value of a size in this evaluation. */
  readonly size: (size: Size) => number;
  /** The types of the results. */
  readonly types: readonly TensorType[];
  /** Runs a block of the application. */
  readonly block: (block: Block, inputs: readonly NDArray[]) => readonly NDArray[];
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
  readonly pullback: (outputs: readonly Tensor[], cotangents: readonly (Tensor | undefined)[], wrt: readonly Tensor[]) => readonly (Tensor | undefined)[];
  /** Tangents of `outputs` given tangents of `wrt`. */
  readonly pushforward: (outputs: readonly Tensor[], wrt: readonly Tensor[], tangents: readonly (Tensor | undefined)[]) => readonly (Tensor | undefined)[];
}

/**
 * One operation: types, slow reference, derivatives. Ops of the ops layer add how they are lowered and batched.
 * `P` is plain immutable data (sizes allowed); two applications with equal op, inputs and `JSON.stringify(params)` are the same value.
 */
export interface Op<P = unknown> {
  readonly name: string;
  /** Result types; throws what the user did wrong. */
  infer(inputs: readonly Tensor[], params: P, blocks: readonly Block[]): Inferred;
  /** Plain loops over arrays: the meaning of the op. */
  reference(inputs: readonly NDArray[], params: P, context: ReferenceContext, blocks: readonly Block[]): readonly NDArray[];
  /** Cotangents of the inputs from those of the outputs (undefined = zero); undefined where no gradient flows. Missing: differentiating throws with the op's name. */
  vjp?(context: GradientContext, apply: Apply<P>, cotangents: readonly (Tensor | undefined)[], wanted: readonly boolean[]): readonly (Tensor | undefined)[];
  /** Tangents of the outputs from those of the inputs. */
  jvp?(context: GradientContext, apply: Apply<P>, tangents: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[];
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

/** Applies an op: infers the types of the results, or throws what is wrong. */
export function applyOp<P>(op: Op<P>, inputs: readonly Tensor[], params: P, blocks: readonly Block[] = [], names: readonly (string | undefined)[] = []): readonly Tensor[] {
  const { types, checks = [] } = op.infer(inputs, params, blocks);
  const outputs: Tensor[] = [];
  const apply: Apply<P> = { op, inputs, params, blocks, outputs, checks, site: currentSite() };
  for (const [output, type] of types.entries()) outputs.push(new Tensor(type, { kind: "apply", apply, output }, names[output]));
  return outputs;
}

/** `applyOp` for ops with one result. */
export function applyOne<P>(op: Op<P>, inputs: readonly Tensor[], params: P, blocks: readonly Block[] = []): Tensor {
  const [output] = applyOp(op, inputs, params, blocks);
  if (output === undefined) throw new Error(`op ${op.name} has no result`);
  return output;
}

/** The application that computes `tensor`, if one does. */
export function ownerOf(tensor: Tensor): Apply | undefined {
  return tensor.origin.kind === "apply" ? tensor.origin.apply : undefined;
}
