/** RESULTS.md: the figures with the words around them. */
import type { CompileResult } from "./compile-time.ts";
import type { Machine } from "./machine.ts";
import { gpuSection } from "./report-gpu.ts";
import type { GpuResult } from "./gpu.ts";
import { handWritten, type StepResult } from "./step-result.ts";
import { recurrenceSteps, type RecurrenceResult } from "./recurrence.ts";
import { bandText, figure, percent, table, times } from "./table.ts";
import type { ThroughputResult } from "./throughput.ts";

export interface Results {
  readonly machine: Machine;
  readonly date: string;
  readonly command: string;
  /** Load before the first and after the last measurement. */
  readonly load: readonly [before: number, after: number];
  readonly quiet: boolean;
  readonly steps: readonly StepResult[];
  readonly compile: readonly CompileResult[];
  readonly recurrence: readonly RecurrenceResult[];
  readonly gpu: GpuResult | undefined;
  readonly throughput: readonly ThroughputResult[];
}

/** The whole page. */
export function reportText(results: Results): string {
  const parts = [
    introduction(results),
    results.steps.length > 0 ? stepsSection(results.steps) : [],
    results.compile.length > 0 ? compileSection(results.compile) : [],
    results.recurrence.length > 0 ? recurrenceSection(results.recurrence) : [],
    results.gpu === undefined ? [] : gpuSection(results.gpu),
    results.throughput.length > 0 ? throughputSection(results.throughput) : [],
  ];
  const filled = parts.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function introduction({ machine, date, command, load, quiet }: Results): readonly string[] {
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
  ];
}

function stepsSection(steps: readonly StepResult[]): readonly string[] {
  const timed = steps.some(({ contestants }) => contestants.some(({ summary }) => summary));
  return timed ? timesSection(steps) : lossesSection(steps);
}

/** Of a check without timing. */
function lossesSection(steps: readonly StepResult[]): readonly string[] {
  const rows = steps.flatMap(({ workload, expected, contestants }) => [
    [workload, "listed", losses(expected)],
    ...contestants.map((contestant) => ["", contestant.name, losses(contestant.losses)]),
  ]);
  return ["## First losses", "", ...table(["", "library", "steps 1 to 3"], rows, 3)];
}

const losses = (values: readonly number[]): string => values.map((x) => x.toFixed(6)).join(" ");

function timesSection(steps: readonly StepResult[]): readonly string[] {
  return [
    "## Training steps, one thread",
    "",
    "One step is forward, backpropagation through all time steps, and an update by gradient descent, float32, loss read back.",
    "S1: tanh network, 50 units, 100 steps, one sequence. S2: the adding problem, 100 units, 55 masked steps, batch 100. S3: LSTM",
    "language model, 128 units, 64 steps, batch 32. S4: the same, 512 units. S5: GRU, 256 units, 128 steps, batch 64.",
    "All libraries start from the same numbers; before anything is timed the first three losses of each are checked against the",
    "listed ones to 3e-5. Then each is warmed up for 0.6 s and all are measured in turns, in one process for each workload.",
    "jax-js is `@jax-js/jax` 0.1.25, wasm, `jit` over the unrolled loop; tfjs-wasm is `@tensorflow/tfjs` 4.22.0 with its wasm",
    "backend. *x as long* compares minima with scan-train's.",
    "",
    ...table(
      ["", "library", "min", "median", "noise band", "steps", "first step", "x as long"],
      steps.flatMap(stepRows),
      2,
    ),
    "",
    "Beside programs written by hand for each model (WebAssembly for Node 20, 5 x 8 tiles, measured once on one core of an AMD EPYC,",
    "Zen 5, at about 3.2 GHz): the bound that a compiler can hope for. The ratio means something on that class of machine only.",
    "",
    ...table(
      ["", "scan-train min", "hand-written min", "ratio", "GFLOP/s"],
      steps.flatMap(boundRow),
    ),
  ];
}

function stepRows({ workload, contestants }: StepResult): readonly (readonly string[])[] {
  const own = contestants[0]?.summary?.min ?? NaN;
  return contestants.flatMap(({ name, summary, firstStep }, i) => {
    const label = i === 0 ? workload : "";
    if (summary === undefined) return [];
    const { min, median, band, samples } = summary;
    const shown = [figure(min), figure(median), bandText(band), String(samples), figure(firstStep)];
    return [[label, name, ...shown, i === 0 ? "" : times(min / own)]];
  });
}

function boundRow({ workload, gigaflop, contestants }: StepResult): readonly (readonly string[])[] {
  const own = contestants[0]?.summary;
  if (own === undefined) return [];
  const bound = handWritten[workload];
  const rate = (1000 * gigaflop) / own.min;
  return [[workload, figure(own.min), figure(bound), figure(own.min / bound), figure(rate)]];
}

function compileSection(results: readonly CompileResult[]): readonly string[] {
  return [
    "## Compiling",
    "",
    "A 2-layer LSTM language model (64 tokens, 128 units) with gradient, clipping by global norm and Adam. *compile* is the time from",
    "`compile()` to the resolved promise, *graph* what building the graph takes before it, *first step* the first call. Medians",
    "of fresh processes. With run-time T and B the one module serves batches of every size.",
    "",
    ...table(
      ["sizes in the graph", "graph", "compile", "noise band", "first step"],
      results.map(({ sizes, build, compile, band, firstStep }) => [
        sizes,
        figure(build),
        figure(compile),
        bandText(band),
        figure(firstStep),
      ]),
    ),
  ];
}

function recurrenceSection(results: readonly RecurrenceResult[]): readonly string[] {
  return [
    "## Loops, and what stands in for them",
    "",
    `h[t] = a[t] h[t-1] + x[t] over ${recurrenceSteps} steps, float32, one state, arrays in. The loop is \`scan\`; *associative* is`,
    '`associativeScan` under `numerics: "fast"`, each with its sum, with all of h as a result, and with the gradient of the sum of its',
    "squares by a and x. *expression* is tanh(x) * 0.5 + x without scan, and *steps* a scan without recurrence that says the same row by row.",
    "Measured in turns in one process; ratios are of minima.",
    "",
    ...table(
      ["what", "way", "min", "median", "noise band", "ratio"],
      results.flatMap(({ what, ways }) =>
        ways.map(({ name, summary: { min, median, band } }, i) => [
          i === 0 ? what : "",
          name,
          figure(min),
          figure(median),
          bandText(band),
          i === 0 ? "" : times((ways[0]?.summary.min ?? NaN) / min),
        ]),
      ),
      2,
    ),
  ];
}

function throughputSection(results: readonly ThroughputResult[]): readonly string[] {
  const one = results[0];
  return [
    "## The trainer",
    "",
    "The model of S3 through `createTrainer`, batches of 32, medians of fresh processes, 90 steps after 30 of warm-up.",
    "*Even*: every sequence has S3's 64 steps; *to plain* is the time of a step over that of the compiled step without a trainer in",
    "the same process; *speed-up* is over one worker.",
    "",
    ...table(
      ["workers", "plain step", "even step", "noise band", "to plain", "speed-up"],
      results.map(({ workers, plain, even, band }) => [
        String(workers),
        figure(plain),
        figure(even.step),
        bandText(band),
        times(even.step / plain),
        workers === 1 ? "" : times((one?.even.step ?? NaN) / even.step),
      ]),
    ),
    "",
    "*Ragged*: lengths from 1 to 127, 64 on average. *Waste* is the share of computed time steps that are padding.",
    "",
    ...table(
      ["workers", "sequences/s", "tokens/s", "noise band", "waste", "speed-up"],
      results.map(({ workers, ragged, raggedBand }) => [
        String(workers),
        figure(ragged.sequencesPerSecond),
        figure(ragged.tokensPerSecond),
        bandText(raggedBand),
        percent(ragged.waste),
        workers === 1 ? "" : times(ragged.tokensPerSecond / (one?.ragged.tokensPerSecond ?? NaN)),
      ]),
    ),
  ];
}
