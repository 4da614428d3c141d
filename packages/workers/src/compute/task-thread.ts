/** What a thread that shares memory keeps from run to run, and one run in it. */
import { Control } from "../protocol/control.ts";
import type { Fault } from "../protocol/fault.ts";
import { FaultyCompute, InjectedFault } from "../protocol/faults.ts";
import { fingerprint, type RunOutcome, type RunTask } from "../protocol/messages.ts";
import { ShardWorker } from "../protocol/shard-worker.ts";
import { scatterPredictions } from "./predictions.ts";
import { ProgramCompute, slotUnit, type Places } from "./program-compute.ts";
import { Workbench } from "./workbench.ts";

export class TaskThread {
  readonly #exit: () => void;
  #kept: { readonly session: string; readonly bench: Workbench } | undefined;

  /** `exit` ends the thread without a word, for faults. */
  constructor(exit: () => void) {
    this.#exit = exit;
  }

  /** Works until the run halts. */
  run(task: RunTask): RunOutcome | Promise<RunOutcome> {
    try {
      return this.#work(task);
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
      return dieOf(error.action, error, this.#exit);
    }
  }

  #work(task: RunTask): RunOutcome {
    const { rank } = task;
    if (task.fingerprint !== fingerprint())
      return { kind: "refused", rank, fingerprint: fingerprint() };
    const { session, memory } = task.work;
    if (this.#kept?.session !== session) this.#kept = { session, bench: new Workbench(memory) };
    const control = new Control(task.control);
    control.store(control.aliveWord(rank), task.incarnation);
    const { bench } = this.#kept;
    const places: Places = {
      slot: (shard) => control.load(control.slotWord(shard)) * slotUnit,
      keepPredictions: (parts, rows, program, sizes) => {
        scatterPredictions(task.work.predictions, parts, rows, bench, program, sizes);
      },
    };
    const compute = new ProgramCompute(task.work, places, bench);
    const guarded = task.faults.length === 0 ? compute : new FaultyCompute(compute, task.faults);
    const worker = new ShardWorker(control, guarded, rank, task.isCrowded);
    worker.run();
    return { kind: "ended", rank, tasks: worker.tasks };
  }
}

/** Ends the thread as a fault wants it. */
export function dieOf(action: Fault["action"], fault: Error, exit: () => void): Promise<never> {
  if (action === "throw") throw fault;
  if (action === "exit") exit();
  else
    setTimeout(() => {
      throw fault;
    });
  return new Promise(() => undefined);
}
