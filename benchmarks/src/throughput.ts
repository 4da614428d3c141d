/** What the trainer gets through, with one worker and with two, beside the compiled step without it. */
import type { Effort } from "./arguments.ts";
import { medianFigure, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";

/** Sequences all of one length, those of the workload. */
export const evenCases = ["S3", "S4", "S5"] as const;
/** Sequences of unequal lengths. */
export const raggedCases = ["ragged", "names", "moby-dick"] as const;

export type EvenCase = (typeof evenCases)[number];
export type RaggedCase = (typeof raggedCases)[number];
export type TrainerCase = EvenCase | RaggedCase;

export const isEvenCase = (name: string): name is EvenCase =>
  evenCases.some((known) => known === name);
export const isRaggedCase = (name: string): name is RaggedCase =>
  raggedCases.some((known) => known === name);

/** A stretch of training. */
export interface Rate {
  /** Milliseconds of a step, mean. */
  readonly step: number;
  readonly sequencesPerSecond: number;
  readonly tokensPerSecond: number;
  /** The share of computed time steps that were padding, 0 .. 1. */
  readonly waste: number;
  /** Of the last step: the same for any number of workers. */
  readonly loss: number;
}

/** The rate of the fastest of some stretches, with the loss after the last one. @throws Error where there is none */
export function fastest(stretches: readonly Rate[]): Rate {
  const [first, ...others] = stretches;
  if (first === undefined) throw new Error("no stretch was counted");
  const rate = others.reduce((best, other) => (other.step < best.step ? other : best), first);
  return { ...rate, loss: stretches.at(-1)?.loss ?? NaN };
}

/** One number of workers in a process, in the fastest stretch. */
export interface ThroughputSample {
  /** Milliseconds for each of a workload's compiled steps without a trainer, done by as many threads that share nothing. */
  readonly plain: number;
  readonly rate: Rate;
}

/** What a process measures, in turns. */
export interface TurnsSample {
  readonly one: ThroughputSample;
  readonly two: ThroughputSample;
}

/** By process. */
export interface ThroughputResult {
  readonly name: TrainerCase;
  readonly one: readonly ThroughputSample[];
  readonly two: readonly ThroughputSample[];
}

export function measureThroughput(effort: Effort): readonly ThroughputResult[] {
  const processes = effort === "quick" ? 1 : 5;
  return [...evenCases, ...raggedCases].map((name) => {
    const samples = Array.from({ length: processes }, () =>
      inFreshProcess<TurnsSample>("throughput", [name]),
    );
    const [one, two] = [samples.map((s) => s.one), samples.map((s) => s.two)];
    checkSameBits({ name, one, two });
    return { name, one, two };
  });
}

/** @throws Error where a loss depends on the process or on how many workers there are */
export function checkSameBits({ name, one, two }: ThroughputResult): void {
  const losses = new Set([...one, ...two].map(({ rate }) => rate.loss));
  if (losses.size !== 1)
    throw new Error(`${name}: the last loss is one of ${[...losses].join(", ")}, and must be one`);
}

/** How many times as fast two workers are as one, in each process. */
export function speedUps({ one, two }: ThroughputResult): readonly number[] {
  return one.map(({ rate }, i) => rate.step / (two[i]?.rate.step ?? NaN));
}

/** The step of one worker in steps without a trainer, in each process: of even cases, whose plain step does the same. */
export function toPlain({ one }: ThroughputResult): readonly number[] {
  return one.map(({ rate, plain }) => rate.step / plain);
}

/** How many times as many plain steps two threads do as one: what the machine allows, in each process. */
export function machineSpeedUps({ one, two }: ThroughputResult): readonly number[] {
  return one.map(({ plain }, i) => plain / (two[i]?.plain ?? NaN));
}

/** How much of what the machine allows two workers reach, in each process. */
export function toMachine(result: ThroughputResult): readonly number[] {
  const machine = machineSpeedUps(result);
  return speedUps(result).map((speedUp, i) => speedUp / (machine[i] ?? NaN));
}

/** Speed-ups are checked against what the machine allowed at that time: another tenant of a core is no fault of the trainer. */
export function throughputFigures(results: readonly ThroughputResult[]): readonly Figure[] {
  const ratio = { part: "trainer", unit: "x", kind: "ratio" } as const;
  return results.flatMap((result) => {
    const { name, one } = result;
    const speed = medianFigure(
      { ...ratio, name: `${name}: 1 / 2 workers, of the machine's` },
      toMachine(result),
    );
    if (isEvenCase(name))
      return [
        medianFigure({ ...ratio, name: `${name}: 1 worker / plain step` }, toPlain(result)),
        speed,
      ];
    const named = { part: "trainer", name: `${name}: 1 worker`, unit: "sequences/s" } as const;
    const rates = one.map(({ rate }) => rate.sequencesPerSecond);
    return [medianFigure({ ...named, kind: "absolute" }, rates), speed];
  });
}
