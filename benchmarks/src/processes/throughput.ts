/**
 * A model through the trainer with one worker and with two, and a compiled step without a trainer on one thread and on two that share
 * nothing: in turns, whose fastest stretch counts. Argument: the case.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { report } from "../fresh-process.ts";
import { plainStep, timeSteps, type Stretches } from "../plain-step.ts";
import { minimum } from "../statistics.ts";
import { StepClock } from "../step-clock.ts";
import { fastest, isEvenCase, isRaggedCase, type Rate, type TurnsSample } from "../throughput.ts";
import { evenJobs, raggedJobs, type Trained } from "../trainer-jobs.ts";

const [name = ""] = process.argv.slice(2);
if (!isEvenCase(name) && !isRaggedCase(name)) throw new Error(`there is no case "${name}"`);
const job = isEvenCase(name) ? evenJobs[name] : raggedJobs[name]();
const plainName = isEvenCase(name) ? name : "S3";
const { steps, window } = evenJobs[plainName];
const stretches: Stretches = { steps, window };
const step = await plainStep(plainName);
const other = new Worker(new URL("./plain-thread.js", import.meta.url), { workerData: plainName });
await once(other, "message");
const [one, two] = [await job.start(1), await job.start(2)];

/** One epoch. */
async function turnOf({ fit }: Trained): Promise<Rate> {
  const clock = new StepClock();
  for await (const event of fit(1)) clock.count(event);
  return clock.rate(job.window);
}

/** Milliseconds for each step without a trainer, of this thread and, at the same time, the other one. */
async function plainOfBoth(): Promise<number> {
  const done = once(other, "message");
  other.postMessage(stretches);
  const own = timeSteps(step, stretches);
  const [others]: readonly unknown[] = await done;
  return 1 / (1 / own + 1 / Number(others));
}

const turns: { plain: number; both: number; one: Rate; two: Rate }[] = [];
for (let turn = 0; turn < job.warmUp + job.turns; turn++) {
  const measured = {
    plain: timeSteps(step, stretches),
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
