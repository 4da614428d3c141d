/** What a thread of Node runs: one task that lasts a whole run. The thread's workbench outlives the run. */
import { exit } from "node:process";
import { TaskThread } from "./compute/task-thread.ts";
import type { RollCall, RunOutcome, RunTask } from "./protocol/messages.ts";

const thread = new TaskThread(() => exit(7));

/** Works until the run halts. */
export function run(task: RunTask): RunOutcome | Promise<RunOutcome> {
  return thread.run(task);
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
