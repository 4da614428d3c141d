/**
 * Steps on a device: one call of a compiled function per step, over the whole batch. Parameters and what the optimiser keeps stay there; the
 * host reads them whenever steps begin and end, so that a lost device takes training back to there and not further.
 */
import { ScanTrainError, type NDArray, type Shared } from "@scan-train/core";
import type { DeviceBackend } from "@scan-train/core/backend-kit";
import { scatterColumn } from "../compute/predictions.ts";
import { result } from "../compute/work.ts";
import type { DatasetParts } from "../data/dataset.ts";
import type { StepResult } from "../protocol/coordinator.ts";
import { inputsOf } from "./device-inputs.ts";
import {
  compileForDevice,
  nonFinite,
  type DeviceProgram,
  type DevicePrograms,
} from "./device-programs.ts";
import {
  busyError,
  closedError,
  dataRefused,
  deviceLost,
  failureError,
  type Place,
} from "./failures.ts";
import type { ModelGraph } from "./model-graph.ts";
import type { Settings } from "./options.ts";
import type { ProgramFaces } from "./programs.ts";
import type {
  EngineState,
  Request,
  RunEvent,
  Snapshot,
  StepEngine,
  StepsRequest,
} from "./step-engine.ts";
import type { Optimizer } from "./types.ts";

/** @throws UnsupportedError for what the device lacks, such as float64 */
export async function openDevice(
  settings: Settings,
  model: ModelGraph,
  optimizer: Optimizer,
  backend: DeviceBackend,
): Promise<{ readonly engine: StepEngine; readonly faces: ProgramFaces }> {
  const programs = await compileForDevice(settings.name, model, optimizer, backend);
  return { engine: new DeviceEngine(settings, programs, backend), faces: programs.faces };
}

/** Codes of errors about what rows hold. */
const refusals: ReadonlySet<string> = new Set(["INDEX_RANGE", "SCAN_LENGTHS", "CTC_LABEL"]);

class DeviceEngine implements StepEngine {
  readonly state: EngineState;
  readonly #settings: Settings;
  readonly #programs: DevicePrograms;
  readonly #backend: DeviceBackend;
  #datasets: readonly DatasetParts[] = [];
  #finished = 0;
  /** Steps that were through when the host last read the variables, and what it read. */
  #kept = 0;
  #known: readonly NDArray[] = [];
  #busy = false;
  #closing: Promise<void> | undefined;
  /** The step that is going through. */
  #step: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings, programs: DevicePrograms, backend: DeviceBackend) {
    this.#settings = settings;
    this.#programs = programs;
    this.#backend = backend;
    const { variables } = programs;
    this.state = {
      variables,
      read: (variable) => variable.get(),
      snapshot: (look) => this.#snapshot(look),
      write: (variable, value) => {
        if (this.#busy) throw busyError("write");
        variable.set(value);
      },
    };
  }

  get finished(): number {
    return this.#finished;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  require(what: string): void {
    if (this.#closing !== undefined) throw closedError();
    if (this.#busy) throw busyError(what);
  }

  async open(datasets: readonly DatasetParts[]): Promise<number> {
    this.require("the next steps");
    const isSame =
      this.#datasets.length >= datasets.length &&
      datasets.every((data, i) => data === this.#datasets[i]);
    if (!isSame) await this.endRun();
    this.#datasets = datasets;
    await this.#keep(() => undefined);
    return this.#finished;
  }

  async *steps(request: StepsRequest): AsyncGenerator<RunEvent, void, undefined> {
    this.require("the next steps");
    this.#busy = true;
    try {
      yield* this.#pass(request);
    } finally {
      this.#busy = false;
    }
  }

  async *#pass(request: StepsRequest): AsyncGenerator<RunEvent, void, undefined> {
    const { datasets, requests, stopped = () => false } = request;
    let trains = false;
    try {
      for (;;) {
        if (stopped()) return;
        if (this.#closing !== undefined) throw closedError();
        const next = requests.next();
        if (next.done === true) return;
        const parts = datasets[next.value.dataset];
        if (parts === undefined) throw new RangeError("a step over no dataset");
        trains ||= next.value.kind === "train";
        const step = this.#run(next.value, parts, request);
        this.#step = step.catch(() => undefined);
        yield { kind: "result", result: await step };
      }
    } finally {
      // Whoever asked for these steps counts on them from now on: no loss is to take them back.
      if (trains && this.#finished !== this.#kept && this.#closing === undefined)
        await this.#keep(() => this.#fallBack());
    }
  }

  wake(): void {
    // A step on the device ends by itself, and no other is begun.
  }

  endRun(): Promise<void> {
    if (!this.#busy) [this.#finished, this.#kept, this.#datasets] = [0, 0, []];
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#step;
    const { train, evaluate, predict, variables } = this.#programs;
    for (const program of [train, evaluate, predict]) program?.run.dispose();
    // Reading brings them home. What was lost with a device stays where it was last known.
    if (this.#backend.isLost) return;
    try {
      for (const variable of variables) await variable.read();
    } catch (error) {
      if (!this.#backend.isLost) throw error;
    }
  }

  async #snapshot<T>(look: () => T): Promise<Snapshot<T>> {
    for (let step; step !== this.#step;) {
      step = this.#step;
      await step;
    }
    const finished = this.#finished;
    const seen = look();
    const values = await Promise.all(
      this.#programs.variables.map((variable: Shared) => variable.read()),
    );
    [this.#kept, this.#known] = [finished, values];
    return { values, seen };
  }

  /** Reads the variables. */
  async #keep(whenLost: () => void): Promise<void> {
    try {
      await this.#snapshot(() => undefined);
    } catch (error) {
      if (!this.#backend.isLost) throw error;
      whenLost();
      throw deviceLost("between two steps", error);
    }
  }

  /** Back to where the host last read all variables: others may have read some of them since. */
  #fallBack(): void {
    this.#finished = this.#kept;
    for (const [i, variable] of this.#programs.variables.entries()) {
      const value = this.#known[i];
      if (value !== undefined) variable.set(value);
    }
  }

  async #run(request: Request, parts: DatasetParts, run: StepsRequest): Promise<StepResult> {
    const { train, evaluate, predict } = this.#programs;
    const program = { train, evaluate, predict }[request.kind];
    if (program === undefined) throw new RangeError(`there is no program to ${request.kind}`);
    const step = { ...request, source: 0, index: this.#finished };
    const outputs = await this.#call(program, step, parts, run.place);
    const results = new Float64Array(result.sums + this.#programs.faces.sums.all.length);
    const scalar = (name: string): number => outputs[name]?.item() ?? 0;
    if (request.kind === "predict") {
      for (const column of run.predictions ?? []) {
        const output = outputs[column.name];
        if (output !== undefined) scatterColumn(column, parts, step.rows, output.data, 0);
      }
    } else
      this.#programs.faces.sums.all.forEach((name, i) => (results[result.sums + i] = scalar(name)));
    if (request.kind === "train") {
      results[result.penalty] = scalar("penalty");
      results[result.gradientNorm] = scalar("gradient norm");
    }
    results[result.time] = performance.timeOrigin + performance.now();
    const failure = request.kind === "predict" ? undefined : nonFinite(results);
    if (failure !== undefined) throw failureError({ ...failure, step, detail: 0 }, run.place, {});
    this.#finished++;
    return { step, results, owners: [0] };
  }

  async #call(
    program: DeviceProgram,
    step: StepResult["step"],
    parts: DatasetParts,
    place: Place,
  ): Promise<Readonly<Record<string, NDArray>>> {
    try {
      return await program.run(inputsOf(program, step, parts, this.#settings.seed));
    } catch (error) {
      if (this.#backend.isLost) {
        const at = place(step.index);
        if (step.kind === "train") this.#fallBack();
        this.#finished = this.#kept;
        throw deviceLost(at, error);
      }
      if (error instanceof ScanTrainError && refusals.has(error.code))
        throw dataRefused(place(step.index), error, [...step.rows]);
      throw error;
    }
  }
}
