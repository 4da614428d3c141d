/** Faults on purpose: how tests see that a dying worker costs nothing but time. */
import type { Step } from "./control.ts";
import type { Fault } from "./fault.ts";
import type { Compute, StepFailure } from "./shard-worker.ts";

/** Thrown in place of doing a task; the thread's entry decides how to die of it. */
export class InjectedFault extends Error {
  readonly action: Fault["action"];

  constructor(fault: Fault) {
    super(`a fault was asked for at step ${fault.step}`);
    this.action = fault.action;
  }
}

/** A compute that fails where `faults` say. */
export class FaultyCompute implements Compute {
  readonly #compute: Compute;
  readonly #faults: readonly Fault[];

  constructor(compute: Compute, faults: readonly Fault[]) {
    this.#compute = compute;
    this.#faults = faults;
  }

  shard(step: Step, shard: number, attempt: number): void {
    this.#compute.shard(step, shard, attempt);
    this.#check(step, "shards", shard, attempt);
  }

  reduce(step: Step, stripe: number, attempt: number): void {
    this.#compute.reduce(step, stripe, attempt);
    this.#check(step, "reduce", stripe, attempt);
  }

  finish(step: Step, results: Float64Array, attempt: number): StepFailure | undefined {
    const failure = this.#compute.finish(step, results, attempt);
    this.#check(step, "finish", 0, attempt);
    return failure;
  }

  /** The work is done and not yet published: the worst moment to die. */
  #check(step: Step, phase: NonNullable<Fault["phase"]>, task: number, attempt: number): void {
    for (const fault of this.#faults)
      if (
        step.kind === "train" &&
        fault.step === step.index &&
        (fault.phase ?? "shards") === phase &&
        (fault.shard ?? 0) === task &&
        attempt < (fault.attempts ?? 1)
      )
        throw new InjectedFault(fault);
  }
}
