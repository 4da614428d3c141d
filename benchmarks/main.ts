/** `npm run bench`: measures and prints; a whole run also writes RESULTS.md. */
import { writeFileSync } from "node:fs";
import { parsePlan, usage, type Plan } from "./src/arguments.ts";
import { measureCompileTime } from "./src/compile-time.ts";
import { inFreshProcess } from "./src/fresh-process.ts";
import { measureGpu } from "./src/gpu.ts";
import { describeMachine, load, quietLoad } from "./src/machine.ts";
import { measureRecurrence } from "./src/recurrence.ts";
import { reportText } from "./src/report.ts";
import type { StepResult } from "./src/step-result.ts";
import { measureThroughput } from "./src/throughput.ts";

const started = performance.now();

function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  console.error(`${seconds} s  ${text}`);
}

function measure(plan: Plan, args: readonly string[]): string {
  const before = load();
  if (before > quietLoad)
    progress(`the load average is ${before.toFixed(2)}: figures will show other work, too`);
  const steps = plan.workloads.map((name) => {
    progress(`${name}: scan-train, jax-js, tfjs-wasm`);
    return inFreshProcess<StepResult>("step", [name, plan.effort]);
  });
  const processes = plan.effort === "quick" ? 2 : 5;
  if (plan.compile) progress(`compile: ${processes} fresh processes for each case`);
  const compile = plan.compile ? measureCompileTime(processes) : [];
  if (plan.recurrence) progress("recurrence: loops beside what stands in for them");
  const recurrence = plan.recurrence ? measureRecurrence(plan.effort) : [];
  if (plan.gpu) progress("gpu: encoding, and steps where the adapter is real");
  const gpu = plan.gpu ? measureGpu(plan.effort) : undefined;
  if (plan.trainer) progress(`trainer: ${processes} fresh processes for each number of workers`);
  const throughput = plan.trainer ? measureThroughput(processes) : [];
  progress("done");
  return reportText({
    machine: describeMachine(),
    date: new Date().toISOString().slice(0, 10),
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    load: [before, load()],
    quiet: before <= quietLoad,
    steps,
    compile,
    recurrence,
    gpu,
    throughput,
  });
}

const args = process.argv.slice(2);
const plan = parsePlan(args);
if (plan === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const text = measure(plan, args);
  console.log(text);
  // From dist to the folder above it.
  if (plan.complete) writeFileSync(new URL("../RESULTS.md", import.meta.url), text);
}
