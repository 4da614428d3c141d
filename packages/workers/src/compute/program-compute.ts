/** The tasks of a step, done by compiled programs. */
import { InternalError } from "@scan-train/core";
import { gatherInput, shardSteps } from "../data/gather.ts";
import { shardRange } from "../data/batches.ts";
import type { DatasetParts } from "../data/dataset.ts";
import type { Step } from "../protocol/control.ts";
import { halt } from "../protocol/messages.ts";
import type { Compute, StepFailure } from "../protocol/shard-worker.ts";
import { treeSum } from "./tree.ts";
import type { BoundProgram, Sizes, Workbench } from "./workbench.ts";
import { reduceKey, result, sumAt, type PlacedJob } from "./work.ts";

const noSizes: Sizes = new Map();
/** What addresses of slots are multiples of. */
export const slotUnit = 64;

/** What depends on whether memory is shared. */
export interface Places {
  /** The address of a shard's slot. */
  slot(shard: number): number;
  /** Takes what was predicted for these rows out of the program's outputs. */
  keepPredictions(parts: DatasetParts, rows: Int32Array, program: BoundProgram, sizes: Sizes): void;
}

export class ProgramCompute implements Compute {
  readonly #work: PlacedJob;
  readonly #places: Places;
  readonly #bench: Workbench;

  constructor(work: PlacedJob, places: Places, bench: Workbench) {
    this.#work = work;
    this.#places = places;
    this.#bench = bench;
    bench.views.reach(Math.max(work.state.copies[1], work.state.copies[0]) + work.state.bytes);
    bench.views.reach(work.total + work.slot.bytes);
  }

  shard(step: Step, shard: number): void {
    const key = step.kind === "train" ? "gradient" : step.kind;
    const program = this.#program(key);
    const parts = this.#dataset(step);
    const [first, end] = shardRange(step.rows.length, step.shards, shard);
    const rows = step.rows.subarray(first, end);
    const steps = shardSteps(parts, rows, this.#work.poke);
    const sizes = new Map([
      ["T", steps],
      ["B", rows.length],
    ]);
    this.#gather(program, step, rows, steps, sizes);
    const slot = this.#slot(shard);
    this.#placeOutputs(program, key, slot, sizes);
    this.#bind(program, sizes, step.source);
    const { views } = this.#bench;
    const status = program.run();
    views.i32[slot / 4] = status;
    if (step.kind === "predict" && status === 0)
      this.#places.keepPredictions(parts, rows, program, sizes);
  }

  reduce(step: Step, stripe: number): void {
    const { slot, total, state } = this.#work;
    const part = slot.stripes[stripe];
    if (part === undefined) throw new InternalError(`there is no stripe ${stripe}`);
    const { views } = this.#bench;
    // A share of the state goes along: the update then works on the copy.
    const [from, end] = shardRange(state.bytes / slotUnit, slot.stripes.length, stripe);
    const source = state.copies[step.source === 0 ? 0 : 1];
    const target = state.copies[step.source === 0 ? 1 : 0];
    const [start, stop] = [source + from * slotUnit, source + end * slotUnit];
    views.u8.copyWithin(target + from * slotUnit, start, stop);

    const bytes = part.count * (part.dtype === "float32" ? 4 : 8);
    if (step.shards === 1) {
      const only = this.#slot(0) + part.offset;
      views.u8.copyWithin(total + part.offset, only, only + bytes);
      return;
    }
    const program = this.#program(reduceKey(part.dtype, step.shards));
    const { inputs, outputs } = program.program.plan;
    for (const [shard, input] of inputs.entries())
      program.place(input, this.#slot(shard) + part.offset);
    for (const output of outputs) program.place(output, total + part.offset);
    this.#bind(program, new Map([["N", part.count]]), step.source);
    program.run();
  }

  finish(step: Step, results: Float64Array, attempt: number): StepFailure | undefined {
    for (let shard = 0; shard < step.shards; shard++) {
      const detail = this.#bench.views.i32[this.#slot(shard) / 4] ?? 0;
      if (detail !== 0) return { code: halt.shardFailed, task: shard, detail };
    }
    results.fill(0);
    if (step.kind !== "predict") {
      this.#sum(step, results);
      if (!Number.isFinite(results[result.sums + sumAt.loss]))
        return { code: halt.nonFiniteLoss, task: this.#firstNonFinite(step), detail: 0 };
    }
    const failure = step.kind === "train" ? this.#update(step, results, attempt) : undefined;
    results[result.time] = performance.timeOrigin + performance.now();
    return failure;
  }

  /** Adds the scalars of all shards into the total and the results. */
  #sum(step: Step, results: Float64Array): void {
    const { f64 } = this.#bench.views;
    const { slot, total } = this.#work;
    for (const [i, { offset }] of slot.sums.entries()) {
      const shards = Array.from(
        { length: step.shards },
        (_, shard) => f64[(this.#slot(shard) + offset) / 8] ?? 0,
      );
      const sum = treeSum(shards, (x, y) => x + y) ?? 0;
      f64[(total + offset) / 8] = sum;
      results[result.sums + i] = sum;
    }
  }

  #firstNonFinite(step: Step): number {
    const loss = this.#work.slot.sums[sumAt.loss]?.offset ?? 0;
    for (let shard = 0; shard < step.shards; shard++)
      if (!Number.isFinite(this.#bench.views.f64[(this.#slot(shard) + loss) / 8])) return shard;
    return 0;
  }

  #update(step: Step, results: Float64Array, attempt: number): StepFailure | undefined {
    const { slot, total, state } = this.#work;
    const { views } = this.#bench;
    const target = step.source === 0 ? 1 : 0;
    // A dead worker may have written half of the copy.
    if (attempt > 0) {
      const source = state.copies[step.source === 0 ? 0 : 1];
      views.u8.copyWithin(state.copies[target], source, source + state.bytes);
    }
    // Nothing to learn from: no row of the batch has weight.
    if (results[result.sums + sumAt.weight] === 0) return undefined;
    const program = this.#program("update");
    const { inputs, outputs } = program.program.plan;
    const entries = new Map([...slot.sums, ...slot.gradients].map((e) => [e.name, e.offset]));
    for (const input of inputs) program.place(input, total + (entries.get(input.name) ?? 0));
    const places = outputs.map((output) => {
      const address = this.#bench.portAddress(`update ${output.name}`, output, noSizes);
      program.place(output, address);
      return address / 8;
    });
    this.#bind(program, noSizes, target);
    const status = program.run();
    if (status !== 0) return { code: halt.updateFailed, task: 0, detail: status };
    for (const [i, output] of outputs.entries())
      results[output.name === "penalty" ? result.penalty : result.gradientNorm] =
        views.f64[places[i] ?? 0] ?? 0;
    if (!Number.isFinite(results[result.penalty]))
      return { code: halt.nonFiniteLoss, task: -1, detail: 0 };
    if (!Number.isFinite(results[result.gradientNorm]))
      return { code: halt.nonFiniteGradient, task: 0, detail: 0 };
    program.commit();
    return undefined;
  }

  #gather(program: BoundProgram, step: Step, rows: Int32Array, steps: number, sizes: Sizes): void {
    const { poke, seed } = this.#work;
    const parts = this.#dataset(step);
    for (const input of program.program.plan.inputs) {
      const address = this.#bench.portAddress(input.name, input, sizes);
      program.place(input, address);
      gatherInput(input.name, { parts, step, rows, steps, seed, poke }, this.#bench.views, address);
    }
  }

  #placeOutputs(program: BoundProgram, key: string, slot: number, sizes: Sizes): void {
    const { slot: layout } = this.#work;
    this.#bench.views.reach(slot + layout.bytes);
    const entries = new Map([...layout.sums, ...layout.gradients].map((e) => [e.name, e.offset]));
    for (const output of program.program.plan.outputs)
      program.place(
        output,
        key === "predict"
          ? this.#bench.portAddress(`predict ${output.name}`, output, sizes)
          : slot + (entries.get(output.name) ?? 0),
      );
  }

  #bind(program: BoundProgram, sizes: Sizes, copy: number): void {
    const { state } = this.#work;
    program.bind(sizes, state.copies[copy === 0 ? 0 : 1], state.offsets);
  }

  #slot(shard: number): number {
    return this.#places.slot(shard);
  }

  #program(key: string): BoundProgram {
    const program = this.#bench.program(this.#work.programs, key);
    if (program === undefined) throw new InternalError(`the workers have no program "${key}"`);
    return program;
  }

  #dataset(step: Step): DatasetParts {
    const parts = this.#work.datasets[step.dataset];
    if (parts === undefined) throw new InternalError(`there is no dataset ${step.dataset}`);
    return parts;
  }
}
