/** A compiled graph in a store: takes and gives arrays. The api puts names and conversions around it. */
import { ArgumentError, InternalError } from "../errors/errors.ts";
import { runCheck, sizeFrom, type Sizes } from "../graph/evaluate.ts";
import type { DType } from "../graph/dtype.ts";
import type { NDArray } from "../graph/ndarray.ts";
import type { SharedCell } from "../graph/tensor.ts";
import { evaluateSize } from "../size/size.ts";
import type { Build } from "./build.ts";
import { bindInputs, failureOf, noCell, type CallMemory, type CallPlan } from "./call-plan.ts";
import { Executable, callSizes } from "./executable.ts";
import { bytesOf, type PlanArray } from "./executable-plan.ts";
import type { HostLog } from "./host-log.ts";
import { checkOut, type OutArrays } from "./out-arrays.ts";
import { align, arrayBytes, totalBytes } from "./plan-bytes.ts";
import type { Store } from "./store.ts";
import type { WasmInstance } from "./wasm-types.ts";

interface Layout {
  readonly key: string;
  /** Of the inputs, in their order. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly sizes: Sizes;
  readonly scratch: number;
  /** Addresses. */
  readonly inputs: readonly number[];
  readonly outputs: readonly {
    readonly address: number;
    readonly dtype: DType;
    readonly shape: readonly number[];
  }[];
  readonly outputShapes: readonly (readonly number[])[];
}

export class CompiledGraph {
  readonly #store: Store;
  readonly #executable: Executable;
  readonly #call: CallPlan<CompiledGraph>;
  readonly #log: HostLog;
  readonly #cells: readonly SharedCell[];
  readonly #shared: ReadonlyMap<number, number>;
  readonly #frame: number;
  #layout: Layout | undefined;
  #disposed = false;

  constructor(
    store: Store,
    built: Build,
    instance: WasmInstance,
    call: CallPlan<CompiledGraph>,
    log: HostLog,
  ) {
    this.#store = store;
    this.#log = log;
    this.#call = call;
    this.#executable = new Executable(built.plan, { instance, memory: store.memory });
    for (const tensor of built.shared) store.refuseOwned(tensor);
    this.#cells = built.shared.map(({ origin }) =>
      origin.kind === "shared" ? origin.cell : noCell(),
    );
    this.#shared = new Map(
      this.#cells.map((cell, i) => {
        const place = built.plan.shared[i];
        if (place === undefined) throw new InternalError("a shared variable without a place");
        return [place.buffer, store.adopt(cell)] as const;
      }),
    );
    this.#frame = store.allocate(this.#executable.frameBytes);
  }

  /** Runs once: all results from the values before the call, then the updates together. A throw changes nothing. */
  run(values: readonly NDArray[], out: OutArrays = []): NDArray[] {
    if (this.#disposed)
      throw new ArgumentError("DISPOSED", `${this.#call.label} was disposed`, {
        hint: "compile it again, or dispose of it after the last call",
      });
    const { plan } = this.#executable;
    const layout = this.#bind(values);
    checkOut(this.#call.label, plan.outputs, layout.outputShapes, out);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value !== undefined) this.#store.write(layout.inputs[i] ?? 0, value);
    }
    this.#log.begin(layout.sizes);
    const status = this.#executable.run();
    if (status !== 0) throw failureOf(plan.failures[status - 1], status);
    this.#call.verify?.(values, layout.sizes, this.#results(layout, []));
    const results = this.#results(layout, out);
    this.#executable.commit();
    return results;
  }

  #results({ outputs }: Layout, out: OutArrays): NDArray[] {
    const results: NDArray[] = [];
    for (const { address, dtype, shape } of outputs)
      results.push(this.#store.read(address, dtype, shape, out[results.length]?.data));
    return results;
  }

  /** Gives the memory back, that of shared variables too which no other function uses; the function cannot be called any more. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#store.release(this.#frame, this.#executable.frameBytes);
    for (const cell of this.#cells) this.#store.abandon(cell);
    for (const { program } of this.#call.sizeSources) program?.graph.dispose();
  }

  /** What a call with these sizes of inputs takes, in bytes. */
  memory(given: Sizes): CallMemory {
    const { plan, frameBytes } = this.#executable;
    for (const check of this.#call.checks) runCheck(check, given);
    const outputs = totalBytes(arrayBytes(plan.outputs, given));
    const before = this.#peakBefore(given);
    const sizes = callSizes(this.#call.label, plan, given, outputs, before);
    const temporaries = this.#executable.scratchBytes(sizes);
    return {
      peak: Math.max(before, temporaries + outputs),
      temporaries,
      outputs,
      inputs: totalBytes(arrayBytes(plan.inputs, given)),
      shared: plan.shared.reduce((sum, x) => sum + align(x.length * bytesOf[x.dtype]), 0),
      constants: frameBytes,
    };
  }

  /** What programs take that compute sizes before a call. */
  #peakBefore(given: Sizes): number {
    return Math.max(
      0,
      ...this.#call.sizeSources.map(({ program }) => program?.graph.memory(given).peak ?? 0),
    );
  }

  #bind(values: readonly NDArray[]): Layout {
    const old = this.#layout;
    const isThere = old !== undefined && this.#store.scratch(0) === old.scratch;
    // The usual call has the shapes of the last one: it makes nothing that is thrown away.
    if (isThere && this.#call.sizeSources.length === 0 && haveShapes(values, old.inputShapes))
      return old;
    const given = this.#sizesOf(values);
    const key = [...given.values()].join(",");
    if (isThere && old.key === key) return old;
    for (const check of this.#call.checks) runCheck(check, given);
    const { plan } = this.#executable;
    const arrays: readonly PlanArray[] = [...plan.inputs, ...plan.outputs];
    const bytes = arrayBytes(arrays, given);
    const outputs = totalBytes(bytes.slice(plan.inputs.length));
    const sizes = callSizes(this.#call.label, plan, given, outputs, this.#peakBefore(given));
    const temporaries = this.#executable.scratchBytes(sizes);
    const scratch = this.#store.scratch(temporaries + totalBytes(bytes));
    const addresses = new Map(this.#shared);
    let next = scratch + temporaries;
    for (const [i, array] of arrays.entries()) {
      addresses.set(array.buffer, next);
      next += bytes[i] ?? 0;
    }
    this.#executable.bind({
      frame: this.#frame,
      scratch,
      sizes,
      address: (buffer) => addresses.get(buffer) ?? missing(buffer),
    });
    const addressOf = ({ buffer }: PlanArray): number => addresses.get(buffer) ?? missing(buffer);
    const outputShapes = plan.outputs.map((o) => o.shape.map((size) => evaluateSize(size, sizes)));
    this.#layout = {
      key,
      inputShapes: values.map(({ shape }) => shape),
      sizes: given,
      scratch,
      inputs: plan.inputs.map(addressOf),
      outputs: plan.outputs.map((output, i) => ({
        address: addressOf(output),
        dtype: output.dtype,
        shape: outputShapes[i] ?? [],
      })),
      outputShapes,
    };
    return this.#layout;
  }

  #sizesOf(values: readonly NDArray[]): Sizes {
    const { sizes, given } = bindInputs(this.#call.inputs, values);
    for (const { key, source, program } of this.#call.sizeSources) {
      const [value] = program?.graph.run(program.inputs.flatMap((x) => given.get(x) ?? [])) ?? [];
      sizes.set(key, value?.item() ?? sizeFrom(source, given, sizes));
    }
    return sizes;
  }
}

function haveShapes(values: readonly NDArray[], shapes: Layout["inputShapes"]): boolean {
  for (let i = 0; i < values.length; i++) {
    const own = values[i]?.shape;
    const other = shapes[i];
    if (own === undefined || other === undefined || own.length !== other.length) return false;
    for (let axis = 0; axis < own.length; axis++) if (own[axis] !== other[axis]) return false;
  }
  return true;
}

function missing(buffer: number): never {
  throw new InternalError(`buffer ${buffer} has no address`);
}
