import type { Colours } from "../terminal.ts";
import type { EventOf, Result, Scores, Summary } from "./events.ts";
import { formatCount, formatNumber, formatPercent, formatSeconds, plural } from "./format.ts";

/** A metric as people know it: the mean squared error is shown as its root, an accuracy as per cent. */
export function formatMetric(name: string, value: number): string {
  if (name === "squared error") return `rms error ${formatNumber(Math.sqrt(value))}`;
  return `${name} ${name === "accuracy" ? formatPercent(value) : formatNumber(value)}`;
}

/** `loss 0.3121  accuracy 86.2 %` */
export function formatScores({ loss, metrics }: Scores): string {
  const parts = Object.entries(metrics).map(([name, value]) => formatMetric(name, value));
  return [`loss ${formatNumber(loss)}`, ...parts].join("  ");
}

/** What is about to be trained. */
export function startLine({ parameters, steps, workers, backend }: EventOf<"start">): string {
  const size = plural(parameters, "parameter");
  const by = backend === "wasm" ? plural(workers, "worker") : `on ${backend}`;
  return `start: ${size}, ${plural(steps, "update")} per epoch, ${by}`;
}

/** The line of an epoch. */
export function epochLine(event: EventOf<"epoch-end">, epochs: number, colours: Colours): string {
  const { epoch, validation, sequences, seconds, waste } = event;
  const number = String(epoch).padStart(String(epochs).length);
  const pace = `${formatCount(sequences / seconds)} sequences/s  padding ${formatPercent(waste)}`;
  return [
    `epoch ${number}/${epochs}`,
    formatScores(event),
    ...(validation === undefined ? [] : [`validation ${valuesOnly(validation)}`]),
    colours.dim(pace),
  ].join("  ");
}

/** The last lines of a run. */
export function summaryLines(summary: Summary, colours: Colours): string[] {
  const { result, advice, seconds, waste, trainedBy, folder, next, epochs, interrupted } = summary;
  const done = epochs > 0 ? plural(epochs, "epoch") : plural(summary.updates, "update");
  const stopped = `interrupted after ${done}; what was trained is saved`;
  const pace = `${formatCount(summary.sequencesPerSecond)} sequences/s, padding ${formatPercent(waste)}`;
  return [
    ...(interrupted ? [colours.yellow(stopped)] : []),
    ...(result === undefined ? [] : resultLines(result, colours)),
    ...advice.map((line) => `note     ${colours.yellow(line)}`),
    `trained  ${done} in ${formatSeconds(seconds)} ${trainedBy}: ${pace}`,
    `saved    ${folder}`,
    `next     ${colours.cyan(next)}`,
  ];
}

/** The result of a run or of `eval`, beside what simple rules score on the same rows. */
export function resultLines(result: Result, colours: Colours): string[] {
  const { part, rows, scores, metric, baselines } = result;
  const { [metric]: value = Number.NaN, ...others } = scores.metrics;
  const rules = baselines.map(({ name, score }) => `${name} ${onlyValue(metric, score)}`);
  const details = [
    `loss ${formatNumber(scores.loss)}`,
    ...Object.entries(others).map(([name, other]) => formatMetric(name, other)),
    `on ${plural(rows, "row")}`,
  ].join(", ");
  const headline = colours.bold(colours.green(formatMetric(metric, value)));
  const comparison = rules.length === 0 ? "" : `; baselines: ${rules.join(", ")}`;
  return [`${part.padEnd(8)} ${headline}${comparison}  ${colours.dim(`(${details})`)}`];
}

/** The numbers of {@link formatScores}, where their names stand just before. */
function valuesOnly({ loss, metrics }: Scores): string {
  const values = Object.entries(metrics).map(([name, value]) => onlyValue(name, value));
  return [formatNumber(loss), ...values].join("  ");
}

function onlyValue(metric: string, score: number): string {
  return formatMetric(metric, score).replace(/^[a-z ]+/, "");
}
