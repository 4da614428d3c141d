/** One case through the trainer, after the compiled step without it where there is such a step. Arguments: the case, workers. */
import { compile } from "@scan-train/core";
import { report } from "../fresh-process.ts";
import { isWorkloadName, type WorkloadName } from "../peer-task.ts";
import { isTrainerCase, type Rate, type ThroughputSample } from "../throughput.ts";
import { trainerJobs, type TrainerJob } from "../trainer-jobs.ts";
import { warmUp } from "../turns.ts";
import { workloads } from "../workloads.ts";

/** Milliseconds of a step without the trainer, mean over a second and a half or five steps. */
async function plainStep(name: WorkloadName): Promise<number> {
  const { inputs, values, cost, updates } = workloads[name]();
  const train = await compile({ inputs, outputs: { cost }, updates });
  const step = (): number => train(values).cost.item();
  warmUp(step, 800);
  const start = performance.now();
  let steps = 0;
  for (; steps < 5 || performance.now() - start < 1500; steps++) step();
  const time = performance.now() - start;
  train.dispose();
  return time / steps;
}

async function rateOf(job: TrainerJob, workers: number): Promise<Rate> {
  const { events, close } = await job.start(workers);
  let [start, end, done, sequences, tokens, computed, loss] = [0, 0, 0, 0, 0, 0, NaN];
  for await (const event of events) {
    if (event.kind !== "step") continue;
    done++;
    if (done > job.warmUp + job.counted) break;
    end = performance.now();
    loss = event.loss;
    if (done <= job.warmUp) {
      start = end;
      continue;
    }
    sequences += event.sequences;
    tokens += event.tokens;
    computed += event.tokens / (1 - event.waste);
  }
  await close();
  if (done < job.warmUp + job.counted)
    throw new Error(`${done} steps, and ${job.warmUp} + ${job.counted} are wanted`);
  const seconds = (end - start) / 1000;
  return {
    step: (1000 * seconds) / job.counted,
    sequencesPerSecond: sequences / seconds,
    tokensPerSecond: tokens / seconds,
    waste: 1 - tokens / computed,
    loss,
  };
}

const [name = "", workers = "1"] = process.argv.slice(2);
if (!isTrainerCase(name)) throw new Error(`there is no case "${name}"`);
const plain = isWorkloadName(name) && workers === "1" ? await plainStep(name) : undefined;
const rate = await rateOf(trainerJobs[name](), Number(workers));
const sample: ThroughputSample = plain === undefined ? { rate } : { plain, rate };
report(sample);
