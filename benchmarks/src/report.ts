/** RESULTS.md: what the parts tell, and where the figures come from. */
import { margins } from "./figure.ts";
import type { Machine } from "./machine.ts";

export interface Report {
  readonly machine: Machine;
  readonly date: string;
  readonly command: string;
  /** Load before the first and after the last measurement. */
  readonly load: readonly [before: number, after: number];
  readonly quiet: boolean;
  /** Lines of each part that was measured. */
  readonly sections: readonly (readonly string[])[];
}

/** The whole page. */
export function reportText(report: Report): string {
  const sections = [introduction(report), ...report.sections].filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const beyond = (margin: number): string => `${Math.round(100 * (margin - 1))} %`;

function introduction({ machine, date, command, load, quiet }: Report): readonly string[] {
  const { cpu, cores, gigabytes, system, node, v8 } = machine;
  const [before, after] = load.map((x) => x.toFixed(2));
  return [
    "# Benchmark results",
    "",
    `Written by \`${command}\` on ${date}; do not edit by hand.`,
    "",
    `- Machine: ${cpu}, ${cores} cores, ${gigabytes} GB, ${system}.`,
    `- Node ${node} (V8 ${v8}), no flags. Load average ${before} before and ${after} after, this benchmark included.`,
    ...(quiet
      ? []
      : ["- **The machine was busy: these figures show its load, not the programs.**"]),
    "- Times are milliseconds. *min* is the best step, the figure that other work on the machine disturbs least; *noise band* is",
    "  how far the medians of the single turns or processes lie apart: differences smaller than it mean nothing.",
    "- `npm run bench -- --check` measures again. A figure passes within what the turns or processes of this run gave and",
    `  ${beyond(margins.ratio)} beyond either end for ratios, ${beyond(margins.absolute)} for times, which are compared on the same class of machine only; [results.json](results.json)`,
    "  holds the bands.",
  ];
}
