/** What RESULTS.md says of the trainer. */
import { bandOf, median } from "./statistics.ts";
import { bandText, figure, percent, table, times } from "./table.ts";
import {
  isEvenCase,
  machineSpeedUps,
  speedUps,
  toMachine,
  toPlain,
  type Rate,
  type ThroughputResult,
} from "./throughput.ts";

export function throughputSection(results: readonly ThroughputResult[]): readonly string[] {
  const even = results.filter(({ name }) => isEvenCase(name));
  const ragged = results.filter(({ name }) => !isEvenCase(name));
  return [
    "## The trainer",
    "",
    "Through `createTrainer` with one worker and with two; medians of fresh processes. A process measures everything of a row in turns, and",
    "the fastest stretch of each counts. The losses of all processes of a row are the same to the bit. *To plain* is a step of one worker over",
    "that of the compiled step without a trainer; *speed-up* is two workers over one. *Machine*: how many times as many compiled steps two",
    "threads that share nothing do as one; *of it*: speed-up over machine, which `--check` compares. The models and sequences of S3, S4 and",
    "S5, all of one length; stretches of eight steps of S3, of single ones of the others:",
    "",
    ...table(
      [
        "",
        "plain step",
        "1 worker",
        "2 workers",
        "noise band",
        "to plain",
        "speed-up",
        "noise band",
        "machine",
        "of it",
      ],
      even.map((result) => {
        const two = result.two.map(({ rate }) => rate.step);
        return [
          result.name,
          figure(median(result.one.map(({ plain }) => plain))),
          figure(median(result.one.map(({ rate }) => rate.step))),
          figure(median(two)),
          bandText(bandOf(two)),
          times(median(toPlain(result))),
          times(median(speedUps(result))),
          bandText(bandOf(speedUps(result))),
          times(median(machineSpeedUps(result))),
          times(median(toMachine(result))),
        ];
      }),
    ),
    "",
    "Sequences of unequal lengths, in stretches of whole epochs; the steps of *machine* are S3's. *ragged* is S3's model, lengths from 1 to 127, 64 on average.",
    "*names* is what `npm start` trains: names, GRU of 64 units, batches of 64, Adam. *moby-dick*: the next character of sentences of Moby Dick (up to 256 characters),",
    "an LSTM of 128 units as the command line builds it, batches of 32, Adam. *Waste* is the share of computed time steps that are padding.",
    "",
    ...table(
      [
        "",
        "workers",
        "sequences/s",
        "steps of time/s",
        "noise band",
        "waste",
        "speed-up",
        "machine",
        "of it",
      ],
      ragged.flatMap((result) => raggedRows(result)),
    ),
  ];
}

function raggedRows(result: ThroughputResult): readonly (readonly string[])[] {
  return [result.one, result.two].map((samples, i) => {
    const rates = (pick: (rate: Rate) => number): readonly number[] =>
      samples.map(({ rate }) => pick(rate));
    const tokens = rates(({ tokensPerSecond }) => tokensPerSecond);
    return [
      i === 0 ? result.name : "",
      String(i + 1),
      figure(median(rates(({ sequencesPerSecond }) => sequencesPerSecond))),
      figure(median(tokens)),
      bandText(bandOf(tokens)),
      percent(median(rates(({ waste }) => waste))),
      ...[speedUps, machineSpeedUps, toMachine].map((of) =>
        i === 0 ? "" : times(median(of(result))),
      ),
    ];
  });
}
