/** Sequences of unequal lengths through the trainer. Arguments: the case, workers. */
import { report } from "../fresh-process.ts";
import { StepClock } from "../step-clock.ts";
import { isRaggedCase, type ThroughputSample } from "../throughput.ts";
import { raggedJobs } from "../trainer-jobs.ts";

const [name = "", workers = "1"] = process.argv.slice(2);
if (!isRaggedCase(name)) throw new Error(`there is no case "${name}"`);
const job = raggedJobs[name]();
const { fit, close } = await job.start(Number(workers));
let clock = new StepClock();
let done = 0;
for await (const event of fit(job.epochs)) {
  if (event.kind === "step" && done++ === job.warmUp + job.counted) break;
  clock.count(event);
  if (done === job.warmUp && event.kind === "step") clock = new StepClock();
}
await close();
if (done < job.warmUp + job.counted)
  throw new Error(`${done} steps, and ${job.warmUp} + ${job.counted} are wanted`);
const sample: ThroughputSample = { rate: clock.rate() };
report(sample);
