/** Collects what a program is made of while a graph is lowered. */
import { scalarTypeOf, type Failure } from "../ops/record.ts";
import type { NDArray } from "../graph/ndarray.ts";
import { printType, type Tensor } from "../graph/tensor.ts";
import type {
  Buffer,
  BufferRole,
  IndexVar,
  LoopFunction,
  Program,
  ScalarType,
  Statement,
} from "../loop-ir/types.ts";
import { indexOf } from "../loop-ir/index-expr.ts";
import { constantSize, type Size } from "../size/size.ts";
import type { HostEvent } from "./events.ts";
import { denseView, sizeProduct, type View } from "./view.ts";

export class ProgramBuilder {
  readonly panelWidth: Program["panelWidth"];
  /** Whether right operands of products are laid out anew. */
  readonly packs: boolean;
  readonly buffers: Buffer[] = [];
  readonly functions: LoopFunction[] = [];
  /** Messages of `fail` codes 1, 2, ... */
  readonly failures: Failure[] = [];
  readonly events: HostEvent[] = [];
  /** The names of scans by the variable of their loop. */
  readonly loops = new Map<IndexVar, string>();
  /** The innermost loop whose step owns a temporary; undefined: the whole function does. */
  readonly homes = new Map<Buffer, IndexVar | undefined>();
  readonly #constants = new Map<NDArray, Buffer>();
  readonly #names = new Map<string, number>();

  constructor(panelWidth: Program["panelWidth"], packs = true) {
    this.panelWidth = panelWidth;
    this.packs = packs;
  }

  buffer(
    name: string,
    type: ScalarType,
    size: Size,
    role: BufferRole,
    data?: Buffer["data"],
  ): Buffer {
    const buffer: Buffer = {
      id: this.buffers.length,
      name,
      type,
      size,
      role,
      ...(data === undefined ? {} : { data }),
    };
    this.buffers.push(buffer);
    return buffer;
  }

  setHome(buffer: Buffer, loop: IndexVar | undefined): void {
    this.homes.set(buffer, loop);
  }

  /** A new dense buffer that can hold `tensor`. */
  bufferFor(tensor: Tensor, role: BufferRole, name = tensor.name): View {
    const buffer = this.buffer(
      name ?? tensorLabel(tensor),
      scalarTypeOf[tensor.dtype],
      sizeProduct(tensor.shape),
      role,
    );
    return denseView(buffer, tensor.shape);
  }

  /** The buffer of a constant array; equal objects share one. */
  constant(value: NDArray): View {
    const known = this.#constants.get(value);
    const shape = value.shape.map((d) => constantSize(d));
    const buffer =
      known ??
      this.buffer(
        `constant${this.#constants.size}`,
        scalarTypeOf[value.dtype],
        sizeProduct(shape),
        "constant",
        value.data instanceof Uint8Array ? Int32Array.from(value.data) : value.data,
      );
    this.#constants.set(value, buffer);
    return denseView(buffer, shape);
  }

  /** A function of the body and a call of it. */
  kernel(name: string, loops: readonly IndexVar[], body: readonly Statement[]): Statement {
    const func: LoopFunction = { name: this.uniqueName(name), params: loops, body };
    this.functions.push(func);
    return { kind: "call", func, args: loops.map((v) => indexOf(v)) };
  }

  /** The number of a failure, from 1. */
  failure(failure: Failure): number {
    const at = this.failures.findIndex(({ message }) => message === failure.message);
    return at >= 0 ? at + 1 : this.failures.push(failure);
  }

  /** The number of an event, from 0. */
  event(event: HostEvent): number {
    return this.events.push(event) - 1;
  }

  uniqueName(name: string): string {
    const count = this.#names.get(name) ?? 0;
    this.#names.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  }
}

/** What explain() and profiles call a tensor without a name. */
export function tensorLabel(tensor: Tensor): string {
  return (
    tensor.name ??
    (tensor.origin.kind === "apply" ? tensor.origin.apply.op.name : printType(tensor.type))
  );
}
