/** The dispatches of a call for given sizes, as flat lists: what the host starts, in order. */
import {
  evaluateSize,
  InternalError,
  type Index,
  type IndexVar,
  type SizeEnvironment,
} from "@scan-train/core/backend-kit";
import type { HostNode } from "../codegen/pieces.ts";
import type { RenderedProgram } from "../render-wgsl.ts";
import { workgroupCounts } from "../wgsl-kernel.ts";

export interface HostSteps {
  readonly count: number;
  /** The number of the kernel of each dispatch. */
  readonly kernel: Int32Array;
  /** The number of its params, for kernels that have some. */
  readonly params: Int32Array;
  /** Workgroups along x and y. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** The values of params, `stride` words each. */
  readonly values: Int32Array;
  readonly stride: number;
}

class Growing {
  #data = new Int32Array(256);
  #length = 0;
  push(value: number): void {
    if (this.#length === this.#data.length) {
      const longer = new Int32Array(2 * this.#length);
      longer.set(this.#data);
      this.#data = longer;
    }
    this.#data[this.#length++] = value;
  }
  get length(): number {
    return this.#length;
  }
  done(): Int32Array {
    return this.#data.slice(0, this.#length);
  }
}

/** `stride`: words from one set of params to the next; WebGPU wants uniforms at multiples of 256 bytes. */
export function hostSteps(
  { kernels, kernelOf }: RenderedProgram,
  nodes: readonly HostNode[],
  sizes: SizeEnvironment,
  stride: number,
): HostSteps {
  const numbers = new Map(kernels.map((kernel, i) => [kernel, i]));
  const groups = kernels.map((kernel) => evaluateSize(kernel.workgroups, sizes));
  const [kernel, params, x, y] = [new Growing(), new Growing(), new Growing(), new Growing()];
  const values = new Growing();
  const known = new Map<string, number>();
  const counters = new Map<IndexVar, number>();

  const valueOf = ({ terms, offset }: Index): number => {
    let sum = evaluateSize(offset, sizes);
    for (const { coef, of } of terms) {
      const counter = of.kind === "indexVar" ? counters.get(of) : undefined;
      if (counter === undefined) throw new InternalError("a counter without a value");
      sum += evaluateSize(coef, sizes) * counter;
    }
    return sum;
  };
  const numberOf = (fields: readonly { readonly index: IndexVar }[]): number => {
    const row = fields.map(({ index }) => counters.get(index) ?? 0);
    const key = row.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const number = known.size;
    known.set(key, number);
    for (let i = 0; i < stride; i++) values.push(row[i] ?? 0);
    return number;
  };
  const walk = (list: readonly HostNode[]): void => {
    for (const node of list) {
      if (node.kind === "dispatch") {
        const ofPiece = kernelOf.get(node.piece);
        const number = ofPiece === undefined ? undefined : numbers.get(ofPiece);
        if (ofPiece === undefined || number === undefined)
          throw new InternalError("a piece without a kernel");
        const count = groups[number] ?? 0;
        if (count <= 0) continue;
        const [columns, rows] = workgroupCounts(count);
        const fields = ofPiece.uniforms.params;
        kernel.push(number);
        params.push(fields.length === 0 ? 0 : numberOf(fields));
        x.push(columns);
        y.push(rows);
      } else if (node.kind === "call") {
        const args = node.args.map(valueOf);
        node.params.forEach((param, i) => counters.set(param, args[i] ?? 0));
        walk(node.body);
      } else {
        const extent = evaluateSize(node.extent, sizes);
        for (let i = 0; i < extent; i++) {
          counters.set(node.var, i);
          walk(node.body);
        }
      }
    }
  };
  walk(nodes);
  return {
    count: kernel.length,
    kernel: kernel.done(),
    params: params.done(),
    x: x.done(),
    y: y.done(),
    values: values.done(),
    stride,
  };
}
