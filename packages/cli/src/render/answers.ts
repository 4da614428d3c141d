import type { TargetEncoding } from "../data/encoding.ts";
import { unscaled } from "../data/scale.ts";
import type { InputValue, Steps } from "../data/task.ts";
import { formatPercent } from "./format.ts";

/** A text, or numbers: `[1, 2]` for steps of one, `[[1, 2], [3, 4]]` for steps of two. */
type Shown = string | readonly (number | readonly number[])[];

/** What a model says about one input; as it stands, a line of JSON. */
export type Answer =
  | {
      readonly input: Shown;
      readonly label: string;
      readonly probability: number;
      readonly probabilities: Readonly<Record<string, number>>;
    }
  | { readonly input: Shown; readonly labels: readonly string[] }
  | { readonly input: Shown; readonly value: number }
  | { readonly input: Shown; readonly values: Shown }
  | { readonly input: string; readonly continuation: string };

/**
 * The numbers of a model in the words of its data.
 *
 * @param numbers probabilities or scaled numbers, `width` for the sequence or for each of its steps
 */
export function answerOf(
  target: TargetEncoding,
  value: InputValue,
  numbers: Float32Array,
  width: number,
): Answer {
  const input = typeof value === "string" ? value : shortest(value);
  const steps = Array.from({ length: numbers.length / width }, (_, step) =>
    [...numbers.subarray(step * width, (step + 1) * width)].map(Number),
  );
  switch (target.kind) {
    case "label": {
      const probabilities = (steps[0] ?? []).map((value) => rounded(value));
      const index = indexOfLargest(probabilities);
      return {
        input,
        label: target.labels[index] ?? "",
        probability: probabilities[index] ?? 0,
        probabilities: Object.fromEntries(
          target.labels.map((label, i) => [label, probabilities[i] ?? 0]),
        ),
      };
    }
    case "step-label":
      return { input, labels: steps.map((step) => target.labels[indexOfLargest(step)] ?? "") };
    case "number":
      return { input, value: rounded(unscaled(target.scale, 0, numbers[0] ?? 0)) };
    case "step-number": {
      const values = steps.map((step) =>
        step.map((number, i) => rounded(unscaled(target.scale, i, number))),
      );
      return { input, values: shortest(values) };
    }
    case "next":
      return { input: String(input), continuation: "" };
    default:
      return target satisfies never;
  }
}

/** Lines for people: inputs, labels and probabilities under each other. */
export function answerText(answers: readonly Answer[]): string[] {
  const inputs = answers.map(({ input }) => cut(input));
  const labels = answers.map((answer) => ("label" in answer ? answer.label : ""));
  const width = widest(inputs);
  const labelWidth = widest(labels);
  return answers.map((answer, index) => {
    const input = (inputs[index] ?? "").padEnd(width);
    if ("continuation" in answer) return `${answer.input}${answer.continuation}`;
    if ("labels" in answer) return `${input}  ${answer.labels.join(" ")}`;
    if ("values" in answer) return `${input}  ${JSON.stringify(answer.values)}`;
    if ("value" in answer) return `${input}  ${answer.value}`;
    return `${input}  ${answer.label.padEnd(labelWidth)}  ${formatPercent(answer.probability)}`;
  });
}

const mostCharacters = 40;

function cut(input: Shown): string {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 3)}...` : text;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 0);
}

/** Steps of one number as numbers. */
function shortest(steps: Steps): Shown {
  return steps.every((step) => step.length === 1) ? steps.flat() : steps;
}

function indexOfLargest(values: readonly number[]): number {
  return values.indexOf(values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
}

/** A number with six significant digits, about what float32 is good for. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
