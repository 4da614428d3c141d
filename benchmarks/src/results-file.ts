/** results.json: the figures of RESULTS.md, written by the same run, for `--check`. */
import type { Figure } from "./figure.ts";
import type { Machine } from "./machine.ts";
import type { Band } from "./statistics.ts";

export interface ResultsFile {
  readonly date: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

/** A line for each figure, six digits: differences between two runs can be read. */
export function resultsText({ date, machine, figures }: ResultsFile): string {
  const lines = figures.map((figure) => `    ${JSON.stringify(rounded(figure))}`);
  return [
    "{",
    `  "date": ${JSON.stringify(date)},`,
    `  "machine": ${JSON.stringify(machine)},`,
    '  "figures": [',
    lines.join(",\n"),
    "  ]",
    "}",
    "",
  ].join("\n");
}

/** Whole numbers may be exact figures. */
const digits = (x: number): number => (Number.isInteger(x) ? x : Number(x.toPrecision(6)));

function rounded(figure: Figure): Figure {
  const { low, high } = figure.band;
  return {
    ...figure,
    value: digits(figure.value),
    band: { low: digits(low), high: digits(high) },
  };
}

/** @throws Error that says which entry is wrong */
export function parseResults(text: string): ResultsFile {
  const file: unknown = JSON.parse(text);
  if (!isRecord(file) || !Array.isArray(file["figures"]) || !isRecord(file["machine"]))
    throw new Error('results.json has no "machine" and "figures"');
  const { cpu, cores, gigabytes, system, node, v8 } = file["machine"];
  return {
    date: String(file["date"]),
    machine: {
      cpu: String(cpu),
      cores: Number(cores),
      gigabytes: Number(gigabytes),
      system: String(system),
      node: String(node),
      v8: String(v8),
    },
    figures: file["figures"].map(parseFigure),
  };
}

function parseFigure(entry: unknown, i: number): Figure {
  if (isRecord(entry)) {
    const { part, name, unit, value, band, kind } = entry;
    if (
      typeof part === "string" &&
      typeof name === "string" &&
      typeof unit === "string" &&
      typeof value === "number" &&
      isBand(band) &&
      (kind === "ratio" || kind === "absolute")
    )
      return { part, name, unit, value, band, kind };
  }
  throw new Error(`results.json: figure ${i + 1} is ${JSON.stringify(entry)}`);
}

function isBand(value: unknown): value is Band {
  return isRecord(value) && typeof value["low"] === "number" && typeof value["high"] === "number";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
