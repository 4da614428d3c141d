/** Measuring contestants in turns, so that whatever else the machine does falls on all of them alike. */
import { Bench } from "tinybench";

/** Something that does one step each time it is called, and gives that step's loss. */
export type Step = () => number;

export interface Contestant {
  readonly name: string;
  readonly step: Step;
}

export interface TurnOptions {
  /** How often each has its turn. */
  readonly turns: number;
  /** Milliseconds of a turn; it has one step at least. */
  readonly turnTime: number;
}

/** Milliseconds of each step in each turn: `samples[contestant][turn][step]`. */
export function runInTurns(
  contestants: readonly Contestant[],
  { turns, turnTime }: TurnOptions,
): readonly (readonly (readonly number[])[])[] {
  const samples = contestants.map((): (readonly number[])[] => []);
  for (let turn = 0; turn < turns; turn++)
    for (const [i, contestant] of contestants.entries())
      samples[i]?.push(oneTurn(contestant, turnTime));
  return samples;
}

function oneTurn({ name, step }: Contestant, time: number): readonly number[] {
  const bench = new Bench({
    time,
    iterations: 1,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  bench.add(name, step, { async: false });
  const result = bench.runSync()[0]?.result;
  if (result?.state !== "completed" || result.latency.samples === undefined)
    throw new Error(`${name}: the benchmark ended as ${result?.state ?? "nothing"}`);
  return result.latency.samples;
}

/** Steps until `time` milliseconds have passed, at least none. */
export function warmUp(step: Step, time: number): void {
  const end = performance.now() + time;
  while (performance.now() < end) step();
}
