/** What a thread of Node runs: one task that lasts a whole run. The thread's workbench outlives the run. */
import { exit } from "node:process";
import { ProgramCompute } from "./compute/program-compute.ts";
import { Workbench } from "./compute/workbench.ts";
import { Control } from "./protocol/control.ts";
import { FaultyCompute, InjectedFault } from "./protocol/faults.ts";
import { fingerprint, type RollCall, type RunOutcome, type RunTask } from "./protocol/messages.ts";
import { ShardWorker } from "./protocol/shard-worker.ts";

let kept: { readonly session: string; readonly bench: Workbench } | undefined;

/** Works until the run halts. */
export function run(task: RunTask): RunOutcome | Promise<RunOutcome> {
  try {
    return work(task);
  } catch (error) {
    if (!(error instanceof InjectedFault)) throw error;
    return die(error);
  }
}

function die(fault: InjectedFault): Promise<RunOutcome> {
  if (fault.action === "throw") throw fault;
  if (fault.action === "exit") exit(7);
  setImmediate(() => {
    throw fault;
  });
  return new Promise(() => undefined);
}

function work(task: RunTask): RunOutcome {
  const { rank } = task;
  if (task.fingerprint !== fingerprint())
    return { kind: "refused", rank, fingerprint: fingerprint() };
  const { session, memory } = task.work;
  if (kept?.session !== session) kept = { session, bench: new Workbench(memory) };
  const control = new Control(task.control);
  control.store(control.aliveWord(rank), task.incarnation);
  const compute = new ProgramCompute(task.work, control, kept.bench);
  const guarded = task.faults.length === 0 ? compute : new FaultyCompute(compute, task.faults);
  const worker = new ShardWorker(control, guarded, rank);
  worker.run();
  return { kind: "ended", rank, tasks: worker.tasks };
}

/** Milliseconds after which those who are there give up on the others. */
const longestRollCall = 5000;

/** Returns when all workers have been called. */
export function arrive({ arrived, expected }: RollCall): void {
  const present = Atomics.add(arrived, 0, 1) + 1;
  if (present >= expected) Atomics.notify(arrived, 0);
  const until = performance.now() + longestRollCall;
  for (let now = present; now < expected; now = Atomics.load(arrived, 0)) {
    const left = until - performance.now();
    if (left <= 0) return;
    Atomics.wait(arrived, 0, now, left);
  }
}
