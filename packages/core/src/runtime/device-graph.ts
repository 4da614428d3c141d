/** A compiled graph on a device: takes and gives arrays, by promise. The api puts names and conversions around it. */
import { ArgumentError } from "../errors/errors.ts";
import { runCheck, sizeFrom, type Sizes } from "../graph/evaluate.ts";
import { copyOf } from "../graph/host-holder.ts";
import type { NDArray } from "../graph/ndarray.ts";
import type { SharedCell } from "../graph/tensor.ts";
import { commitEntry, runEntry } from "../lower/entries.ts";
import { evaluateSize, type SizeEnvironment } from "../size/size.ts";
import type { Prepared } from "./build.ts";
import { withChunks } from "./budget.ts";
import { bindInputs, failureOf, noCell, type CallMemory, type CallPlan } from "./call-plan.ts";
import { abandon, adopt, fromDevice, refuseOwnedElsewhere, toDevice } from "./device-arrays.ts";
import { bytesOf, type PlanArray } from "./executable-plan.ts";
import { turnsOf, type DeviceTurns } from "./device-turns.ts";
import type { Device, DeviceArray, DeviceCall, DeviceExecutable } from "./device.ts";
import { checkOut, intoOut, type OutArrays } from "./out-arrays.ts";
import { align, arrayBytes, totalBytes } from "./plan-bytes.ts";

/** The plan of a call whose programs that compute sizes run on the device too. */
export type DeviceCallPlan = CallPlan<DeviceGraph>;

export class DeviceGraph {
  readonly #prepared: Prepared;
  readonly #executable: DeviceExecutable;
  readonly #call: DeviceCallPlan;
  readonly #cells: readonly SharedCell[];
  readonly #shared: readonly DeviceArray[];
  readonly #turns: DeviceTurns;
  /** Its calls look at what they computed, or compute sizes first: whatever is asked of the device meanwhile waits. */
  readonly #inTurn: boolean;
  #disposed = false;

  private constructor(
    device: Device,
    prepared: Prepared,
    executable: DeviceExecutable,
    call: DeviceCallPlan,
    cells: readonly SharedCell[],
    shared: readonly DeviceArray[],
  ) {
    this.#turns = turnsOf(device);
    this.#prepared = prepared;
    this.#executable = executable;
    this.#call = call;
    this.#cells = cells;
    this.#shared = shared;
    this.#inTurn =
      call.verify !== undefined || call.sizeSources.some((s) => s.program !== undefined);
  }

  /** @throws ArgumentError SHARED_OWNED; UnsupportedError for what the device lacks */
  static async load(
    device: Device,
    prepared: Prepared,
    call: DeviceCallPlan,
  ): Promise<DeviceGraph> {
    for (const tensor of prepared.shared) refuseOwnedElsewhere(device, tensor);
    const executable = await device.load({
      program: prepared.program,
      plan: prepared.plan,
      entries: { run: runEntry, commit: commitEntry },
      keepsScratch: call.verify !== undefined,
    });
    const cells = prepared.shared.map(({ origin }) =>
      origin.kind === "shared" ? origin.cell : noCell(),
    );
    const adopted: SharedCell[] = [];
    try {
      // While the device compiled, others may have taken them.
      for (const tensor of prepared.shared) refuseOwnedElsewhere(device, tensor);
      const shared = cells.map((cell) => {
        const array = adopt(device, cell);
        adopted.push(cell);
        return array;
      });
      return new DeviceGraph(device, prepared, executable, call, cells, shared);
    } catch (error) {
      adopted.forEach(abandon);
      executable.dispose();
      throw error;
    }
  }

  /** Runs once: all results from the values before the call, then the updates together. A rejection changes nothing. */
  async run(values: readonly NDArray[], out: OutArrays = []): Promise<NDArray[]> {
    if (this.#disposed)
      throw new ArgumentError("DISPOSED", `${this.#call.label} was disposed`, {
        hint: "compile it again, or dispose of it after the last call",
      });
    const turns = this.#turns;
    if (!this.#inTurn && turns.isFree) return this.#runNow(values, out);
    // Until its turn comes the caller may put other numbers into its arrays.
    const kept = values.map((value) => copyOf(value));
    return this.#inTurn
      ? turns.whole(() => this.#runInTurn(kept, out))
      : turns.begun(() => this.#runNow(kept, out));
  }

  /** Runs in the turn of another call. */
  #runWithin(values: readonly NDArray[]): Promise<NDArray[]> {
    return this.#inTurn ? this.#runInTurn(values, []) : this.#runNow(values, []);
  }

  async #runNow(values: readonly NDArray[], out: OutArrays): Promise<NDArray[]> {
    const { sizes, given } = bindInputs(this.#call.inputs, values);
    for (const { key, source } of this.#call.sizeSources)
      sizes.set(key, sizeFrom(source, given, sizes));
    const call = this.#callWith(values, sizes, "both", out);
    return this.#results(sizes, await this.#executable.run(call)).map((x, i) => intoOut(x, out[i]));
  }

  async #runInTurn(values: readonly NDArray[], out: OutArrays): Promise<NDArray[]> {
    const { sizes, given } = bindInputs(this.#call.inputs, values);
    for (const { key, source, program } of this.#call.sizeSources) {
      const wanted = program?.inputs.flatMap((x) => given.get(x) ?? []) ?? [];
      const [value] = program === undefined ? [] : await program.graph.#runWithin(wanted);
      sizes.set(key, value?.item() ?? sizeFrom(source, given, sizes));
    }
    const { verify } = this.#call;
    const entries = verify === undefined ? "both" : "run";
    const call = this.#callWith(values, sizes, entries, out);
    const results = this.#results(sizes, await this.#executable.run(call));
    if (verify !== undefined) {
      verify(values, sizes, results);
      await this.#executable.run({ ...call, entries: "commit" });
    }
    return results.map((x, i) => intoOut(x, out[i]));
  }

  #callWith(
    values: readonly NDArray[],
    given: Sizes,
    entries: DeviceCall["entries"],
    out: OutArrays,
  ): DeviceCall {
    for (const check of this.#call.checks) runCheck(check, given);
    const { outputs } = this.#prepared.plan;
    checkOut(this.#call.label, outputs, outputShapes(outputs, given), out);
    return {
      sizes: this.#allSizes(given),
      inputs: values.map(toDevice),
      shared: this.#shared,
      entries,
    };
  }

  #results(
    sizes: Sizes,
    { status, outputs }: Awaited<ReturnType<DeviceExecutable["run"]>>,
  ): NDArray[] {
    const { plan } = this.#prepared;
    if (status !== 0) throw failureOf(plan.failures[status - 1], status);
    const shapes = outputShapes(plan.outputs, sizes);
    return plan.outputs.flatMap(({ dtype }, i) => {
      const data = outputs[i];
      return data === undefined ? [] : [fromDevice(dtype, shapes[i] ?? [], data)];
    });
  }

  /** The sizes of a call, and those that budgets decide. */
  #allSizes(given: SizeEnvironment): SizeEnvironment {
    const { plan } = this.#prepared;
    const outputs = totalBytes(arrayBytes(plan.outputs, given));
    return withChunks(
      this.#call.label,
      plan.budget,
      given,
      { outputs, floor: this.#peakBefore(given) },
      (all) => this.#executable.scratchBytes(all),
    );
  }

  #peakBefore(given: SizeEnvironment): number {
    return Math.max(
      0,
      ...this.#call.sizeSources.map(({ program }) => program?.graph.memory(given).peak ?? 0),
    );
  }

  /** What a call with these sizes of inputs takes on the device, in bytes. */
  memory(given: SizeEnvironment): CallMemory {
    const { plan } = this.#prepared;
    for (const check of this.#call.checks) runCheck(check, given);
    const sizes = this.#allSizes(given);
    const outputs = totalBytes(arrayBytes(plan.outputs, sizes));
    const temporaries = this.#executable.scratchBytes(sizes);
    return {
      peak: Math.max(this.#peakBefore(given), temporaries + outputs),
      temporaries,
      outputs,
      inputs: totalBytes(arrayBytes(plan.inputs, sizes)),
      shared: plan.shared.reduce((sum, x) => sum + align(x.length * bytesOf[x.dtype]), 0),
      constants: plan.constants.reduce((sum, { data }) => sum + align(data.byteLength), 0),
    };
  }

  explain(): string {
    return this.#executable.explain();
  }

  /** Gives the memory back; variables stay on the device until they are read. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // Calls that were made before may still wait for their turn.
    if (this.#turns.isFree) this.#release();
    else void this.#turns.begun(() => Promise.resolve(this.#release()));
  }

  #release(): void {
    this.#executable.dispose();
    for (const cell of this.#cells) abandon(cell);
    for (const { program } of this.#call.sizeSources) program?.graph.dispose();
  }
}

const outputShapes = (outputs: readonly PlanArray[], sizes: SizeEnvironment): number[][] =>
  outputs.map(({ shape }) => shape.map((size) => evaluateSize(size, sizes)));
