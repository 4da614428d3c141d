/** What RESULTS.md says of the trainer. */
import { bandText, figure, percent, table, times } from "./table.ts";
import type { ThroughputResult } from "./throughput.ts";

export function throughputSection(results: readonly ThroughputResult[]): readonly string[] {
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
