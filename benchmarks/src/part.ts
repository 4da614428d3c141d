/** A question that the benchmark answers: measured, told as a section of RESULTS.md, and kept as figures. */
import type { Effort } from "./arguments.ts";
import type { Figure } from "./figure.ts";

/** What one part gave. */
export interface Measured {
  /** Lines of RESULTS.md; none where there is nothing to tell. */
  readonly section: readonly string[];
  readonly figures: readonly Figure[];
  /** Why it could not be measured here, where it could not. */
  readonly leftOut?: string | undefined;
}

export interface Part {
  /** What it does, for the line that shows progress. */
  readonly about: string;
  readonly measure: (effort: Effort) => Measured;
}

interface PartSpec<R> {
  readonly about: string;
  readonly measure: (effort: Effort) => R;
  readonly section: (result: R) => readonly string[];
  readonly figures: (result: R) => readonly Figure[];
  readonly leftOut?: (result: R) => string | undefined;
}

/** A part from its measurement and what is told of the result. */
export function part<R>({ about, measure, section, figures, leftOut }: PartSpec<R>): Part {
  return {
    about,
    measure: (effort) => {
      const result = measure(effort);
      return { section: section(result), figures: figures(result), leftOut: leftOut?.(result) };
    },
  };
}
