/** What the command line asks for. */
import { isPartName, partNames, quickParts, type PartName } from "./part-names.ts";
import { isWorkloadName, workloadNames, type WorkloadName } from "./peer-task.ts";

export type Effort = "quick" | "normal" | "full" | "losses";

/** How often everything is measured: `count` times where figures are to be kept. */
export function roundsOf(effort: Effort, count: number): number {
  return effort === "normal" || effort === "full" ? count : 1;
}

export interface Plan {
  readonly effort: Effort;
  readonly workloads: readonly WorkloadName[];
  readonly parts: readonly PartName[];
  /** Whether to compare with what was written, in place of a report. */
  readonly isCheck: boolean;
  /** Whether the figures are complete enough for RESULTS.md. */
  readonly complete: boolean;
}

export const usage = `npm run bench [-- WHAT...] [--quick | --full | --losses] [--check]
  WHAT      ${workloadNames.join(" ")} ${partNames.join(" ")}
            default: all of them, written to benchmarks/RESULTS.md and benchmarks/results.json
  --quick   few turns; without WHAT only S1 S2 S3 ${quickParts.join(" ")}: under three minutes
  --full    many turns
  --losses  only the first losses of every library, no timing
  --check   measures the figures of benchmarks/results.json again and compares; exit code 1 where one is outside its band
  SCAN_TRAIN_WIDE_NODE  where this Node is older: the path of a Node 24 or later, for \`wide\``;

const efforts: Readonly<Record<string, Effort>> = {
  "--quick": "quick",
  "--full": "full",
  "--losses": "losses",
};

/** @returns undefined where the arguments make no sense */
export function parsePlan(args: readonly string[]): Plan | undefined {
  const options = args.filter((arg) => arg.startsWith("-"));
  const names = args.filter((arg) => !arg.startsWith("-"));
  const isCheck = options.includes("--check");
  const effort = effortOf(options.filter((option) => option !== "--check"));
  const known = (name: string): boolean => isWorkloadName(name) || isPartName(name);
  if (effort === undefined || !names.every(known)) return undefined;
  if (isCheck && effort === "losses") return undefined;
  const chosen = names.length > 0 ? names : everything(effort);
  return {
    effort,
    workloads: workloadNames.filter((name) => chosen.includes(name)),
    parts: partNames.filter((name) => chosen.includes(name)),
    isCheck,
    complete: names.length === 0 && !isCheck && (effort === "normal" || effort === "full"),
  };
}

/** What is wrong with arguments that `parsePlan` refuses. */
export function complaint(args: readonly string[]): string {
  const unknown = args.find((arg) =>
    arg.startsWith("-")
      ? arg !== "--check" && !Object.hasOwn(efforts, arg)
      : !isWorkloadName(arg) && !isPartName(arg),
  );
  if (unknown === undefined) return `${args.join(" ")} do not go together`;
  return `there is no ${unknown.startsWith("-") ? "option" : "workload or part"} ${unknown}`;
}

function everything(effort: Effort): readonly string[] {
  if (effort === "losses") return workloadNames;
  if (effort === "quick") return ["S1", "S2", "S3", ...quickParts];
  return [...workloadNames, ...partNames];
}

function effortOf(options: readonly string[]): Effort | undefined {
  const [option, ...more] = options;
  if (more.length > 0) return undefined;
  if (option === undefined) return "normal";
  return Object.hasOwn(efforts, option) ? efforts[option] : undefined;
}
