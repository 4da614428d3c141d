/** Figures as text. */
import type { Band } from "./statistics.ts";

/** Three significant digits, more only before the decimal point: 0.0821, 24.3, 20405. */
export function figure(x: number): string {
  if (!Number.isFinite(x)) return "-";
  if (x === 0) return "0";
  const decimals = 2 - Math.floor(Math.log10(Math.abs(x)));
  return x.toFixed(Math.min(Math.max(decimals, 0), 4));
}

/** "12.1..13.4", or one figure where both ends read alike. */
export function bandText({ low, high }: Band): string {
  const [from, to] = [figure(low), figure(high)];
  return from === to ? from : `${from}..${to}`;
}

/** How many times, for a column of ratios: "4.32 x". */
export function times(ratio: number): string {
  return `${figure(ratio)} x`;
}

/** 0.123 as "12.3 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A Markdown table whose columns line up when it is read as plain text; the first ones hold words, the rest figures. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  wordColumns = 1,
): readonly string[] {
  const widths = header.map((title, i) =>
    Math.max(3, title.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, i) => {
      const cell = cells[i] ?? "";
      return i < wordColumns ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, i) =>
    i < wordColumns ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(header), `| ${rule.join(" | ")} |`, ...rows.map(line)];
}
