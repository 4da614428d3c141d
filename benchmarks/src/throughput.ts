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

/** A stretch of training in one process, the warm-up before it left out. */
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

/** The rate of the fastest of some turns, with the loss after the last one. @throws Error where there is none */
export function fastest(turns: readonly Rate[]): Rate {
  const [first, ...others] = turns;
  if (first === undefined) throw new Error("no turn was counted");
  const rate = others.reduce((best, turn) => (turn.step < best.step ? turn : best), first);
  return { ...rate, loss: turns.at(-1)?.loss ?? NaN };
}

/** One process, or its fastest turn with so many workers. */
export interface ThroughputSample {
  /**
   * Milliseconds for each of the workload's compiled steps without a trainer, done by as many threads that share nothing, in the
   * fastest turn; of even sequences only.
   */
  readonly plain?: number;
  readonly rate: Rate;
}

/** What a process measures that trains with one worker and with two in turns. */
export interface TurnsSample {
  readonly one: ThroughputSample;
  readonly two: ThroughputSample;
}

/** By process: of even cases both in turns in one, else in two, one after the other. */
export interface ThroughputResult {
  readonly name: TrainerCase;
  readonly one: readonly ThroughputSample[];
  readonly two: readonly ThroughputSample[];
}

export function measureThroughput(effort: Effort): readonly ThroughputResult[] {
  const quick = effort === "quick";
  const cases: readonly TrainerCase[] = [...evenCases, ...raggedCases];
  return cases.map((name) => {
    const [one, two]: [ThroughputSample[], ThroughputSample[]] = [[], []];
    for (let round = 0; round < (quick ? 1 : isEvenCase(name) ? 5 : 3); round++) {
      const both: TurnsSample = isEvenCase(name)
        ? inFreshProcess<TurnsSample>("throughput-turns", [name])
        : {
            one: inFreshProcess<ThroughputSample>("throughput", [name, "1"]),
            two: inFreshProcess<ThroughputSample>("throughput", [name, "2"]),
          };
      one.push(both.one);
      two.push(both.two);
    }
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

/** How many times as fast two workers are as one, in each round. */
export function speedUps({ one, two }: ThroughputResult): readonly number[] {
  return one.map(({ rate }, i) => rate.step / (two[i]?.rate.step ?? NaN));
}

/** The step of one worker in steps without a trainer, in each round; empty where there is none. */
export function toPlain({ one }: ThroughputResult): readonly number[] {
  return one.flatMap(({ rate, plain }) => (plain === undefined ? [] : [rate.step / plain]));
}

/** How many times as many plain steps two threads do as one: what the machine allows, in each round. */
export function machineSpeedUps({ one, two }: ThroughputResult): readonly number[] {
  return one.map(({ plain = NaN }, i) => plain / (two[i]?.plain ?? NaN));
}

export function throughputFigures(results: readonly ThroughputResult[]): readonly Figure[] {
  const ratio = { part: "trainer", unit: "x", kind: "ratio" } as const;
  return results.flatMap((result) => {
    const { name, one } = result;
    const plain = toPlain(result);
    const speed = medianFigure({ ...ratio, name: `${name}: 1 / 2 workers` }, speedUps(result));
    if (plain.length > 0)
      return [medianFigure({ ...ratio, name: `${name}: 1 worker / plain step` }, plain), speed];
    const named = { part: "trainer", name: `${name}: 1 worker`, unit: "sequences/s" } as const;
    const rates = one.map(({ rate }) => rate.sequencesPerSecond);
    return [medianFigure({ ...named, kind: "absolute" }, rates), speed];
  });
}
