/** Arithmetic on samples. */

/** The middle value; of an even count the mean of the two middle ones. @throws RangeError of no samples */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError("median: there are no samples");
  if (sorted.length % 2 === 1) return upper;
  return (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The least value. @throws RangeError of no samples */
export function minimum(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError("minimum: there are no samples");
  return samples.reduce((a, b) => Math.min(a, b));
}

/** A quarter of the samples, rounded down, are below it. @throws RangeError of no samples */
export function lowerQuartile(samples: readonly number[]): number {
  const found = samples.toSorted((a, b) => a - b)[samples.length >> 2];
  if (found === undefined) throw new RangeError("lowerQuartile: there are no samples");
  return found;
}

/** From the least to the greatest of some numbers. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** The noise band: how far the medians of groups of samples lie apart. */
export function bandOfMedians(groups: readonly (readonly number[])[]): Band {
  const medians = groups.map(median);
  return { low: minimum(medians), high: -minimum(medians.map((x) => -x)) };
}

/** The noise band of single figures. */
export function bandOf(figures: readonly number[]): Band {
  return bandOfMedians(figures.map((x) => [x]));
}

/** What samples taken in turns come to. */
export interface Summary {
  readonly min: number;
  readonly median: number;
  /** Of the medians of the turns. */
  readonly band: Band;
  /** The least sample of each turn. */
  readonly minima: readonly number[];
  readonly samples: number;
}

/** @param turns the samples of each turn */
export function summarize(turns: readonly (readonly number[])[]): Summary {
  const all = turns.flat();
  return {
    min: minimum(all),
    median: median(all),
    band: bandOfMedians(turns),
    minima: turns.map(minimum),
    samples: all.length,
  };
}

/** What several processes measured of the same thing, as one; the median is that of their medians. @throws RangeError of none */
export function together(summaries: readonly Summary[]): Summary {
  return {
    min: minimum(summaries.map(({ min }) => min)),
    median: median(summaries.map((summary) => summary.median)),
    band: bandOf(summaries.flatMap(({ band }) => [band.low, band.high])),
    minima: summaries.flatMap(({ minima }) => minima),
    samples: summaries.reduce((sum, { samples }) => sum + samples, 0),
  };
}
