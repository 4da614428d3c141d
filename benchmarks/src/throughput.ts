/** What the trainer gets through, beside the compiled step without it. */
import { medianFigure, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { bandOf, median, type Band } from "./statistics.ts";

/** A stretch of training, the warm-up before it left out. */
export interface Rate {
  /** Milliseconds of a step, mean. */
  readonly step: number;
  readonly sequencesPerSecond: number;
  readonly tokensPerSecond: number;
  /** The share of computed time steps that were padding, 0 .. 1. */
  readonly waste: number;
}

/** One process. */
export interface ThroughputSample {
  /** Milliseconds of S3's compiled step without a trainer, mean. */
  readonly plain: number;
  /** Through the trainer, every sequence as long as in S3. */
  readonly even: Rate;
  /** Through the trainer, lengths 1 to 127. */
  readonly ragged: Rate;
}

export interface ThroughputResult {
  readonly workers: number;
  /** Medians over the processes. */
  readonly plain: number;
  readonly even: Rate;
  readonly ragged: Rate;
  /** Milliseconds of an even step, over the processes. */
  readonly band: Band;
  /** Tokens a second of ragged data, over the processes. */
  readonly raggedBand: Band;
  /** Of each process, in turns with the other number of workers. */
  readonly samples: readonly ThroughputSample[];
}

/** @param processes fresh ones for each number of workers, in turns */
export function measureThroughput(processes: number): readonly ThroughputResult[] {
  const numbers = [1, 2];
  const samples = numbers.map((): ThroughputSample[] => []);
  for (let i = 0; i < processes; i++)
    for (const [at, workers] of numbers.entries())
      samples[at]?.push(inFreshProcess<ThroughputSample>("throughput", [String(workers)]));
  return numbers.map((workers, at) => summary(workers, samples[at] ?? []));
}

function summary(workers: number, samples: readonly ThroughputSample[]): ThroughputResult {
  return {
    workers,
    plain: median(samples.map(({ plain }) => plain)),
    even: medianRate(samples.map(({ even }) => even)),
    ragged: medianRate(samples.map(({ ragged }) => ragged)),
    band: bandOf(samples.map(({ even }) => even.step)),
    raggedBand: bandOf(samples.map(({ ragged }) => ragged.tokensPerSecond)),
    samples,
  };
}

function medianRate(rates: readonly Rate[]): Rate {
  return {
    step: median(rates.map((rate) => rate.step)),
    sequencesPerSecond: median(rates.map((rate) => rate.sequencesPerSecond)),
    tokensPerSecond: median(rates.map((rate) => rate.tokensPerSecond)),
    waste: median(rates.map((rate) => rate.waste)),
  };
}

export function throughputFigures(results: readonly ThroughputResult[]): readonly Figure[] {
  const [one, ...more] = results.map(({ samples }) => samples);
  if (one === undefined) return [];
  const ratio = { part: "trainer", unit: "x", kind: "ratio" } as const;
  const toPlain = one.map(({ even, plain }) => even.step / plain);
  const speedUps = more.map((samples) =>
    samples.map(({ even }, i) => (one[i]?.even.step ?? NaN) / even.step),
  );
  return [
    medianFigure({ ...ratio, name: "S3, 1 worker / plain step" }, toPlain),
    ...speedUps.map((samples) => medianFigure({ ...ratio, name: "S3, 1 / 2 workers" }, samples)),
  ];
}
