import type { Result } from "../render/events.ts";
import { plural } from "../render/format.ts";
import type { TrainingOptions } from "../run-folder/config.ts";

/** Fewer updates than this teach hardly anything; the advice aims at so many. */
const fewUpdates = 200;
const wantedUpdates = 350;
/** On fewer rows a score says little. */
const fewRows = 30;

/** A run that is over. */
interface FinishedRun {
  readonly result: Result;
  readonly updates: number;
  /** In the data that it was trained on. */
  readonly sequences: number;
  readonly training: Pick<TrainingOptions, "batch" | "epochs">;
}

/** What the user should know of a result before trusting it, and what to do, in lines. */
export function adviceOn({ result, updates, sequences, training }: FinishedRun): string[] {
  const { part, rows, baselines } = result;
  const best = baselines.find((one) => baselines.every((other) => !isBetter(result, other, one)));
  const isBeaten =
    best !== undefined && !isBetter(result, { score: result.scores.metrics[result.metric] }, best);
  const isFew = rows < fewRows && (part === "test" || part === "validation");
  const few = `${plural(rows, `${part} row`)} ${rows === 1 ? "proves" : "prove"} little`;
  return [
    ...(isBeaten
      ? [`no better than the rule "${best.name}"${remedy(updates, sequences, training)}`]
      : []),
    ...(isFew ? [`${few}: get more data, or take a larger --${part}-fraction`] : []),
  ];
}

function isBetter(
  { metric }: Result,
  { score = Number.NaN }: { readonly score: number | undefined },
  { score: other }: { readonly score: number },
): boolean {
  return metric === "accuracy" ? score > other : score < other;
}

function remedy(
  updates: number,
  sequences: number,
  { batch, epochs }: FinishedRun["training"],
): string {
  if (updates >= fewUpdates) return "";
  let smaller = 1;
  while (smaller * 2 <= Math.min(batch, sequences / 6)) smaller *= 2;
  const perEpoch = Math.ceil(sequences / smaller);
  const more = Math.max(epochs, 10 * Math.ceil(wantedUpdates / perEpoch / 10));
  const made = `only ${plural(updates, "update")} ${updates === 1 ? "was" : "were"} made`;
  return `: ${made}; try --batch ${smaller} --epochs ${more}`;
}
