/**
 * Sequences of one length through the trainer with one worker and with two, and the compiled step without a trainer on one thread and
 * on two that share nothing: in turns, of which the fastest counts. Argument: the case.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { report } from "../fresh-process.ts";
import { plainStep, timeSteps } from "../plain-step.ts";
import { minimum } from "../statistics.ts";
import { StepClock } from "../step-clock.ts";
import { fastest, isEvenCase, type Rate, type TurnsSample } from "../throughput.ts";
import { evenJobs, type Trained } from "../trainer-jobs.ts";

const [name = ""] = process.argv.slice(2);
if (!isEvenCase(name)) throw new Error(`there is no case "${name}"`);
const job = evenJobs[name];
const step = await plainStep(name);
const other = new Worker(new URL("./plain-thread.js", import.meta.url), { workerData: name });
await once(other, "message");
const [one, two] = [await job.start(1), await job.start(2)];

/** The steps of one epoch but the first, for which threads wake up. */
async function turnOf({ fit }: Trained): Promise<Rate> {
  const clock = new StepClock();
  let isFirst = true;
  for await (const event of fit(1)) {
    if (event.kind !== "step") continue;
    if (!isFirst) clock.count(event);
    isFirst = false;
  }
  return clock.rate();
}

/** Milliseconds for each step without a trainer, of this thread and, at the same time, the other one. */
async function plainOfBoth(): Promise<number> {
  const done = once(other, "message");
  other.postMessage(job.steps);
  const own = timeSteps(step, job.steps);
  const [others]: readonly unknown[] = await done;
  return 1 / (1 / own + 1 / Number(others));
}

const turns: { plain: number; both: number; one: Rate; two: Rate }[] = [];
for (let turn = 0; turn < job.warmUp + job.turns; turn++) {
  const measured = {
    plain: timeSteps(step, job.steps),
    one: await turnOf(one),
    both: await plainOfBoth(),
    two: await turnOf(two),
  };
  if (turn >= job.warmUp) turns.push(measured);
}
await one.close();
await two.close();
await other.terminate();
const sample: TurnsSample = {
  one: { plain: minimum(turns.map((t) => t.plain)), rate: fastest(turns.map((t) => t.one)) },
  two: { plain: minimum(turns.map((t) => t.both)), rate: fastest(turns.map((t) => t.two)) },
};
report(sample);
