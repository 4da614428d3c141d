/** A summary of samples in turns, for tests. */
import type { Summary } from "../src/statistics.ts";

export function summaryOf(given: Partial<Summary> & Pick<Summary, "min">): Summary {
  const { min, median = min, band = { low: min, high: min }, minima = [min], samples = 1 } = given;
  return { min, median, band, minima, samples };
}
