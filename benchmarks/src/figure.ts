/** A number that RESULTS.md states, with the band in which it must be found again. */
import { bandOf, median, type Band, type Summary } from "./statistics.ts";

export interface Figure {
  /** What `npm run bench -- PART` measures it. */
  readonly part: string;
  /** Unique within the part. */
  readonly name: string;
  /** "x" of ratios. */
  readonly unit: string;
  readonly value: number;
  readonly band: Band;
  /** Ratios hold on any machine of the kind, absolute figures on the same class of machine only. */
  readonly kind: "ratio" | "absolute";
}

/**
 * How far beyond what turns or processes gave a figure may be found again, as a factor: another process lays out its memory elsewhere, and
 * absolute times follow the clock of the processor, too.
 */
export const margins = { ratio: 1.15, absolute: 1.25 } as const;

type Named = Pick<Figure, "part" | "name">;

/** How many times as long one takes as the other: minima, and the minima of each turn for the band. */
export function ratioOfTurns(named: Named, long: Summary, short: Summary): Figure {
  const value = long.min / short.min;
  const turns = long.minima.map((min, i) => min / (short.minima[i] ?? NaN));
  return figureOf({ ...named, unit: "x", kind: "ratio" }, value, [value, ...turns]);
}

/** Of numbers from several processes: their median. */
export function medianFigure(
  named: Named & Pick<Figure, "unit" | "kind">,
  samples: readonly number[],
): Figure {
  return figureOf(named, median(samples), samples);
}

/** Milliseconds of the best step. */
export function minimumFigure(named: Named, { min, minima }: Summary): Figure {
  return figureOf({ ...named, unit: "ms", kind: "absolute" }, min, minima);
}

/** @param seen what the band spans before it is widened */
export function figureOf(
  { part, name, unit, kind }: Named & Pick<Figure, "unit" | "kind">,
  value: number,
  seen: readonly number[],
): Figure {
  const { low, high } = bandOf(seen);
  const margin = margins[kind];
  const band = { low: low / margin, high: high * margin };
  return { part, name, unit, value, band, kind };
}

/** A whole number that must come out the same each time, such as the bytes of a module: no margin. */
export function exactFigure(named: Named & Pick<Figure, "unit" | "kind">, value: number): Figure {
  const { part, name, unit, kind } = named;
  return { part, name, unit, value, band: { low: value, high: value }, kind };
}
