/** How long the page's own thread is kept from the user while training goes on. */
import { createTrainer } from "@scan-train/workers/browser";
import { gruJob, gruRows, type GruOptions } from "../gru-job.ts";

interface LongTask {
  readonly startTime: number;
  readonly duration: number;
}
interface LongTaskObserver {
  observe(options: { readonly type: "longtask" }): void;
  disconnect(): void;
}
declare const PerformanceObserver: new (
  report: (list: { getEntries(): readonly LongTask[] }) => void,
) => LongTaskObserver;

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Tasks over 50 ms that began while `watched` ran from the moment that it called `begin`: their milliseconds. */
async function longTasks(watched: (begin: () => void) => Promise<void>): Promise<number[]> {
  const tasks: LongTask[] = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  observer.observe({ type: "longtask" });
  let from = Infinity;
  await watched(() => {
    from = Math.min(from, performance.now());
  });
  const end = performance.now();
  // What has been seen is reported a little later.
  await later(200);
  observer.disconnect();
  return tasks
    .filter(({ startTime }) => startTime >= from && startTime < end)
    .map(({ duration }) => duration);
}

export interface Watched {
  readonly steps: number;
  readonly long: readonly number[];
}

/** Trains a model of some size, from the first step on. */
export async function train(options: GruOptions): Promise<Watched> {
  const trainer = await createTrainer(gruJob(options));
  const data = gruRows(1280, 60);
  let steps = 0;
  const long = await longTasks(async (begin) => {
    for await (const event of trainer.fit(data, { epochs: 2, validation: data.slice(0, 64) })) {
      if (event.kind !== "step") continue;
      steps++;
      begin();
    }
  });
  await trainer.close();
  return { steps, long };
}

/** Keeps the thread busy once, to see that it is noticed. */
export function busy(milliseconds: number): Promise<number[]> {
  return longTasks(async (begin) => {
    begin();
    await later(10);
    const until = performance.now() + milliseconds;
    while (performance.now() < until);
    await later(10);
  });
}
