/** What the command line asks for. */
import { isWorkloadName, workloadNames, type WorkloadName } from "./peer-task.ts";

export type Effort = "quick" | "normal" | "full" | "check";

export interface Plan {
  readonly effort: Effort;
  readonly workloads: readonly WorkloadName[];
  readonly compile: boolean;
  readonly recurrence: boolean;
  readonly gpu: boolean;
  readonly trainer: boolean;
  /** Whether the figures are complete enough for RESULTS.md. */
  readonly complete: boolean;
}

export const usage = `npm run bench [-- WHAT...] [--quick | --full | --check]
  WHAT     S1 S2 S3 S4 S5 compile recurrence gpu trainer; default: all of them, written to benchmarks/RESULTS.md
  --quick  S1 S2 S3 only, few turns: under a minute
  --full   many turns
  --check  only the first losses of every library, no timing`;

const parts = ["compile", "recurrence", "gpu", "trainer"];

/** @returns undefined where the arguments make no sense */
export function parsePlan(args: readonly string[]): Plan | undefined {
  const options = args.filter((arg) => arg.startsWith("-"));
  const names = args.filter((arg) => !arg.startsWith("-"));
  const effort = effortOf(options);
  const known = (name: string): boolean => isWorkloadName(name) || parts.includes(name);
  if (effort === undefined || !names.every(known)) return undefined;
  const named = names.filter(isWorkloadName);
  if (names.length > 0)
    return {
      effort,
      workloads: workloadNames.filter((name) => named.includes(name)),
      compile: names.includes("compile"),
      recurrence: names.includes("recurrence"),
      gpu: names.includes("gpu"),
      trainer: names.includes("trainer"),
      complete: false,
    };
  const everything = effort === "normal" || effort === "full";
  return {
    effort,
    workloads: effort === "quick" ? ["S1", "S2", "S3"] : workloadNames,
    compile: everything,
    recurrence: everything,
    gpu: everything,
    trainer: everything,
    complete: everything,
  };
}

function effortOf(options: readonly string[]): Effort | undefined {
  if (options.length === 0) return "normal";
  const [option, ...more] = options;
  if (more.length > 0) return undefined;
  const efforts: Readonly<Record<string, Effort>> = {
    "--quick": "quick",
    "--full": "full",
    "--check": "check",
  };
  return option === undefined ? undefined : efforts[option];
}
