/** `npm run bench`: measures and prints; a whole run also writes RESULTS.md and results.json, and `--check` reads the latter. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { complaint, parsePlan, roundsOf, usage, type Plan } from "./src/arguments.ts";
import type { Figure } from "./src/figure.ts";
import { describeMachine, load, quietLoad } from "./src/machine.ts";
import type { PartName } from "./src/part-names.ts";
import { parts } from "./src/parts.ts";
import type { WorkloadName } from "./src/peer-task.ts";
import { stepsSection } from "./src/report-steps.ts";
import { reportText } from "./src/report.ts";
import { parseResults, resultsText } from "./src/results-file.ts";
import type { StepResult } from "./src/step-result.ts";
import { measureStep, stepFigures, withLater } from "./src/steps.ts";
import {
  compareFigures,
  isFailure,
  isSameClass,
  verdictText,
  withSecond,
  type Compared,
} from "./src/verdict.ts";

const started = performance.now();

function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  console.error(`${seconds} s  ${text}`);
}

interface MeasuredPlan {
  readonly sections: readonly (readonly string[])[];
  readonly figures: readonly Figure[];
  /** Parts that could not be measured here. */
  readonly leftOut: readonly PartName[];
}

function measure(plan: Pick<Plan, "effort" | "workloads" | "parts">): MeasuredPlan {
  const measureSteps = (): readonly StepResult[] =>
    plan.workloads.map((name) => {
      progress(`${name}: scan-train, jax-js, tfjs-wasm`);
      return measureStep(name, plan.effort);
    });
  const first = measureSteps();
  const measured = plan.parts.map((name) => {
    progress(`${name}: ${parts[name].about}`);
    const result = parts[name].measure(plan.effort);
    if (result.leftOut !== undefined) progress(`${name}: left out: ${result.leftOut}`);
    return { name, ...result };
  });
  // What slows the machine for minutes at the start has usually passed by the end.
  const later = roundsOf(plan.effort, 2) > 1 ? measureSteps() : [];
  const steps = first.map((result, i) => withLater(result, later[i]));
  return {
    sections: [steps.length > 0 ? stepsSection(steps) : [], ...measured.map((p) => p.section)],
    figures: [...steps.flatMap(stepFigures), ...measured.flatMap(({ figures }) => figures)],
    leftOut: measured.filter((p) => p.leftOut !== undefined).map(({ name }) => name),
  };
}

function report(plan: Plan, args: readonly string[], before: number): void {
  const { sections, figures } = measure(plan);
  progress("done");
  const [machine, date] = [describeMachine(), new Date().toISOString().slice(0, 10)];
  const text = reportText({
    machine,
    date,
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    load: [before, load()],
    quiet: before <= quietLoad,
    sections,
  });
  console.log(text);
  if (!plan.complete) return;
  writeFileSync(besideSource("RESULTS.md"), text);
  writeFileSync(besideSource("results.json"), resultsText({ date, machine, figures }));
}

/** @returns whether there is something to compare, and all of it lies within its band */
function check(plan: Plan): boolean {
  const path = besideSource("results.json");
  if (!existsSync(path)) {
    console.error(
      "nothing to check: there is no benchmarks/results.json; `npm run bench` writes it",
    );
    return false;
  }
  const written = parseResults(readFileSync(path, "utf8"));
  const chosen: readonly string[] = [...plan.workloads, ...plan.parts];
  const unwritten = chosen.filter((name) => !written.figures.some(({ part }) => part === name));
  if (unwritten.length > 0) progress(`no figures are written of ${unwritten.join(", ")}`);
  const sameClass = isSameClass(written.machine, describeMachine());
  const compare = (workloads: readonly WorkloadName[], names: readonly PartName[]) => {
    const figures = written.figures.filter(({ part }) =>
      [...workloads, ...names].some((n) => n === part),
    );
    const again = measure({ effort: plan.effort, workloads, parts: names });
    return compareFigures(figures, { ...again, sameClass });
  };
  const first = compare(plan.workloads, plan.parts);
  const failed = failedParts(first);
  if (failed.size === 0) return conclude(first);
  progress(`outside at first, so measured again: ${[...failed].join(", ")}`);
  const second = compare(
    plan.workloads.filter((name) => failed.has(name)),
    plan.parts.filter((name) => failed.has(name)),
  );
  return conclude(withSecond(first, second));
}

const failedParts = (compared: readonly Compared[]): ReadonlySet<string> =>
  new Set(compared.filter(isFailure).map(({ written }) => written.part));

function conclude(compared: readonly Compared[]): boolean {
  progress("done");
  console.log(verdictText(compared));
  return compared.length > 0 && !compared.some(isFailure);
}

/** From dist to the folder above it. */
const besideSource = (name: string): URL => new URL(`../${name}`, import.meta.url);

const args = process.argv.slice(2);
const plan = parsePlan(args);
if (args.includes("--help")) console.log(usage);
else if (plan === undefined) {
  console.error(`${complaint(args)}\n\n${usage}`);
  process.exitCode = 2;
} else {
  const before = load();
  if (before > quietLoad)
    progress(`the load average is ${before.toFixed(2)}: figures will show other work, too`);
  if (!plan.isCheck) report(plan, args, before);
  else if (!check(plan)) process.exitCode = 1;
}
