/** A compute of plain loops: one float32 parameter vector whose sums depend on the order in which they are added. */
import type { Control, Step } from "../../src/protocol/control.ts";
import type { Compute, StepFailure } from "../../src/protocol/shard-worker.ts";
import { shardRange } from "../../src/data/batches.ts";
import { treeSum } from "../../src/compute/tree.ts";

export const parameters = 40;
export const stripes = 4;

/** What threads would share. */
export interface StubMemory {
  readonly copies: readonly [Float32Array, Float32Array];
  /** By slot number, as the control words name them. */
  readonly slots: Float32Array[];
  readonly total: Float32Array;
}

export function stubMemory(shards: number): StubMemory {
  const vector = (): Float32Array => new Float32Array(parameters);
  return {
    copies: [vector().fill(1), vector()],
    slots: Array.from({ length: shards }, vector),
    total: vector(),
  };
}

export class StubCompute implements Compute {
  readonly #memory: StubMemory;
  readonly #control: Control;
  /** Called in the middle of each task. */
  during: (step: Step, phase: string, task: number, attempt: number) => void = () => undefined;

  constructor(memory: StubMemory, control: Control) {
    this.#memory = memory;
    this.#control = control;
  }

  shard(step: Step, shard: number, attempt: number): void {
    const slot = this.#slot(shard);
    const source = this.#copy(step.source);
    const [first, end] = shardRange(step.rows.length, step.shards, shard);
    for (let i = 0; i < parameters; i++) {
      let sum = 0;
      for (const row of step.rows.subarray(first, end))
        sum = Math.fround(sum + Math.fround((source[i] ?? 0) / (row + i + 3)));
      if (i === parameters / 2) this.during(step, "shards", shard, attempt);
      slot[i] = sum;
    }
  }

  reduce(step: Step, stripe: number, attempt: number): void {
    const slots = Array.from({ length: step.shards }, (_, shard) => this.#slot(shard));
    const [first, end] = shardRange(parameters, stripes, stripe);
    for (let i = first; i < end; i++) {
      if (i === first + 2) this.during(step, "reduce", stripe, attempt);
      const sum = treeSum(
        slots.map((s) => s[i] ?? 0),
        (x, y) => Math.fround(x + y),
      );
      this.#memory.total[i] = sum ?? 0;
    }
  }

  finish(step: Step, results: Float64Array, attempt: number): StepFailure | undefined {
    const slots = Array.from({ length: step.shards }, (_, shard) => this.#slot(shard));
    results[0] =
      treeSum(
        slots.map((s) => s[0] ?? 0),
        (x, y) => x + y,
      ) ?? 0;
    if (step.kind !== "train") return undefined;
    const [source, target] = [this.#copy(step.source), this.#copy(1 - step.source)];
    for (let i = 0; i < parameters; i++) {
      if (i === parameters / 2) this.during(step, "finish", 0, attempt);
      target[i] = (source[i] ?? 0) - 0.01 * (this.#memory.total[i] ?? 0);
    }
    return undefined;
  }

  #copy(index: number): Float32Array {
    return this.#memory.copies[index === 0 ? 0 : 1];
  }
  #slot(shard: number): Float32Array {
    return (
      this.#memory.slots[this.#control.load(this.#control.slotWord(shard))] ?? new Float32Array()
    );
  }
}
