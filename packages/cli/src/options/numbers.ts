import { InvalidArgumentError } from "commander";

/** The numbers that an option takes. */
export interface Range {
  readonly least: number;
  readonly most: number;
  /** Whether `least` itself is too small. */
  readonly above?: boolean;
}

/** A reader of whole numbers, for commander. */
export function wholeNumber(range: Range): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
    if (isWithin(number, range)) return number;
    throw new InvalidArgumentError(`Expected a whole number ${describeRange(range)}.`);
  };
}

/** A reader of numbers, for commander. */
export function decimal(range: Range): (value: string) => number {
  return (value) => {
    const number = toNumber(value);
    if (isWithin(number, range)) return number;
    throw new InvalidArgumentError(`Expected a number ${describeRange(range)}.`);
  };
}

/** A reader of a part of the rows, for commander. Rows are split by thousandths: less than one keeps none. */
export function rowsKept(value: string): number {
  const number = toNumber(value);
  if (number === 0 || isWithin(number, { least: 0.001, most: 0.9 })) return number;
  throw new InvalidArgumentError("Expected 0, or a number from 0.001 to 0.9.");
}

/** A number as people write it; NaN for anything else that the language takes for one, such as 0x10. */
function toNumber(value: string): number {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value) ? Number(value) : Number.NaN;
}

function isWithin(number: number, { least, most, above = false }: Range): boolean {
  return (above ? number > least : number >= least) && number <= most;
}

function describeRange({ least, most, above = false }: Range): string {
  return above ? `above ${least} and at most ${most}` : `from ${least} to ${most}`;
}
