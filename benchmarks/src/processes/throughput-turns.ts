/**
 * Sequences of one length through the trainer with one worker, with two, and through the compiled step without a trainer, in turns: what
 * slows the machine down for a while slows down all of them. Argument: the case.
 */
import { compile } from "@scan-train/core";
import { report } from "../fresh-process.ts";
import { StepClock } from "../step-clock.ts";
import { isEvenCase, type TurnsSample } from "../throughput.ts";
import { evenJobs, type Trained } from "../trainer-jobs.ts";
import { workloads } from "../workloads.ts";

const [name = ""] = process.argv.slice(2);
if (!isEvenCase(name)) throw new Error(`there is no case "${name}"`);
const job = evenJobs[name];
const { inputs, values, cost, updates } = workloads[name]();
const train = await compile({ inputs, outputs: { cost }, updates });
const [one, two] = [await job.start(1), await job.start(2)];
const clocks = { one: new StepClock(), two: new StepClock() };
let [plainTime, plainSteps] = [0, 0];

/** The first step of a turn, for which threads wake up, is not counted. */
async function turnOf({ fit }: Trained, clock: StepClock): Promise<void> {
  let isFirst = true;
  for await (const event of fit(1)) {
    if (event.kind !== "step") continue;
    if (isFirst) clock.start();
    else clock.count(event);
    isFirst = false;
  }
}

for (let turn = 0; turn < job.warmUp + job.turns; turn++) {
  if (turn === job.warmUp) {
    clocks.one = new StepClock();
    clocks.two = new StepClock();
    [plainTime, plainSteps] = [0, 0];
  }
  const began = performance.now();
  for (let step = 1; step < job.steps; step++) train(values).cost.item();
  plainTime += performance.now() - began;
  plainSteps += job.steps - 1;
  await turnOf(one, clocks.one);
  await turnOf(two, clocks.two);
}
await one.close();
await two.close();
train.dispose();
const sample: TurnsSample = {
  one: { plain: plainTime / plainSteps, rate: clocks.one.rate() },
  two: { rate: clocks.two.rate() },
};
report(sample);
