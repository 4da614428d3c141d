/** What RESULTS.md says of S1 to S5. */
import { handWritten, type StepResult } from "./step-result.ts";
import { bandText, figure, table, times } from "./table.ts";

export function stepsSection(steps: readonly StepResult[]): readonly string[] {
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
    "listed ones to 3e-5. Then each is warmed up for 0.6 s and all are measured in turns, in one process for each workload, at the",
    "beginning of a run and again at its end (--quick: once).",
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
