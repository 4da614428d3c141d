/** Figures as they were written beside those measured again. */
import type { Figure } from "./figure.ts";
import type { Machine } from "./machine.ts";
import { bandText, figure as figureText, table } from "./table.ts";

export type Verdict =
  "ok" | "ok, measured again" | "outside" | "missing" | "other machine" | "left out";

export interface Compared {
  readonly written: Figure;
  /** NaN where there is none. */
  readonly measured: number;
  readonly verdict: Verdict;
}

/** What was measured again. */
export interface Remeasured {
  readonly figures: readonly Figure[];
  /** Parts that cannot be measured here. */
  readonly leftOut: readonly string[];
  /** Whether absolute figures can be compared. */
  readonly sameClass: boolean;
}

/** Whether absolute figures of one machine say anything about the other. */
export function isSameClass(a: Machine, b: Machine): boolean {
  const engine = ({ v8 }: Machine): string => v8.split(".").slice(0, 2).join(".");
  return a.cpu === b.cpu && a.cores === b.cores && engine(a) === engine(b);
}

/** Each written figure with its verdict. */
export function compareFigures(
  written: readonly Figure[],
  { figures, leftOut, sameClass }: Remeasured,
): readonly Compared[] {
  const found = new Map(figures.map((figure) => [keyOf(figure), figure.value]));
  return written.map((one) => {
    const measured = found.get(keyOf(one)) ?? NaN;
    return { written: one, measured, verdict: verdictOf(one, measured, leftOut, sameClass) };
  });
}

const keyOf = ({ part, name }: Figure): string => `${part}: ${name}`;

function verdictOf(
  { part, kind, band: { low, high } }: Figure,
  measured: number,
  leftOut: readonly string[],
  sameClass: boolean,
): Verdict {
  if (leftOut.includes(part)) return "left out";
  if (Number.isNaN(measured)) return "missing";
  if (kind === "absolute" && !sameClass) return "other machine";
  return measured >= low && measured <= high ? "ok" : "outside";
}

/** Whether it makes the check fail. */
export function isFailure({ verdict }: Compared): boolean {
  return verdict === "outside" || verdict === "missing";
}

/** A second measurement counts for figures that were outside at first: a moment's noise is no finding. */
export function withSecond(
  first: readonly Compared[],
  second: readonly Compared[],
): readonly Compared[] {
  const again = new Map(second.map((one) => [keyOf(one.written), one]));
  return first.map((one) => {
    const better = again.get(keyOf(one.written));
    if (!isFailure(one) || better?.verdict !== "ok") return one;
    return { ...better, verdict: "ok, measured again" };
  });
}

/** The table of a check, and a line that sums it up. */
export function verdictText(compared: readonly Compared[]): string {
  const rows = compared.map(({ written, measured, verdict }) => [
    written.part,
    written.name,
    written.unit,
    figureText(written.value),
    figureText(measured),
    bandText(written.band),
    verdict,
  ]);
  const failures = compared.filter(isFailure).length;
  const unseen = compared.filter(({ verdict }) => notCompared.includes(verdict)).length;
  return [
    ...table(["part", "figure", "unit", "written", "measured", "band", "verdict"], rows, 3),
    "",
    `${compared.length} figures: ${compared.length - failures - unseen} within their bands, ${failures} outside, ${unseen} not compared.`,
    "",
  ].join("\n");
}

const notCompared: readonly Verdict[] = ["other machine", "left out"];
