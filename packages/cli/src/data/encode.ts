import { DataError, messageOf } from "../errors.ts";
import { plural } from "../render/format.ts";
import { type Encoding, type InputEncoding, type TargetEncoding, labelsOf } from "./encoding.ts";
import { normaliseName } from "./names.ts";
import { quote } from "./problems.ts";
import { type Scale, scaled } from "./scale.ts";
import { targetSteps } from "./baselines.ts";
import { edgeId, textToIds } from "./vocabulary.ts";
import type { Example, InputValue, Steps } from "./task.ts";

/** A sequence as a model reads it: ids `[T]`, or numbers `[T * features]` row by row. */
export type EncodedInput = Int32Array | Float32Array;

/** An answer as a model is measured by it: of a sequence, or of each step in row-major order. */
export type EncodedTarget = number | Int32Array | Float32Array;

/** A row of the trainer's data set. */
export interface EncodedRow {
  readonly x: EncodedInput;
  readonly y: EncodedTarget;
}

/** Next-character models read texts in pieces of at most so many characters. */
export const pieceLength = 256;

/** The rows that examples give: one each, or several where a text to be continued is long. */
export function encodeExamples(encoding: Encoding, examples: readonly Example[]): EncodedRow[] {
  return examples.flatMap((example) =>
    encoding.target.kind === "next"
      ? encodePieces(encoding.input, example.input)
      : [{ x: encodeInput(encoding.input, example.input), y: encodeTarget(encoding, example) }],
  );
}

/** What a model cannot read of an example: its input, or else its answer. */
export function misfitOf(
  encoding: Encoding,
  example: Example,
): { readonly fault: string; readonly isInput: boolean } | undefined {
  let isInput = true;
  try {
    encodeInput(encoding.input, example.input);
    isInput = false;
    encodeTarget(encoding, example);
    return undefined;
  } catch (error) {
    if (error instanceof DataError) return { fault: messageOf(error), isInput };
    throw error;
  }
}

/**
 * A sequence as a model reads it.
 *
 * @throws {@link DataError} for a text of which nothing is left, or steps of another size
 */
export function encodeInput(encoding: InputEncoding, input: InputValue): EncodedInput {
  if (encoding.kind === "text") {
    if (typeof input !== "string") throw new DataError("this model reads text, not numbers");
    const text = encoding.normalise === "name" ? normaliseName(input) : input;
    if (text !== "") return textToIds(encoding.vocabulary, text);
    const wanted = encoding.normalise === "name" ? "a letter from a to z" : "a character";
    throw new DataError(`${quote(input)}: expected at least ${wanted}`);
  }
  if (typeof input === "string") throw new DataError("this model reads numbers, not text");
  return encodeSteps(encoding.scale, input);
}

function encodeSteps(scale: Scale, steps: Steps): Float32Array {
  const width = scale.mean.length;
  const encoded = new Float32Array(steps.length * width);
  steps.forEach((step, t) => {
    if (step.length !== width) {
      throw new DataError(`expected ${plural(width, "number")} per step, got ${step.length}`);
    }
    step.forEach((value, i) => (encoded[t * width + i] = scaled(scale, i, value)));
  });
  return encoded;
}

function encodeTarget({ target }: Encoding, example: Example): EncodedTarget {
  switch (target.kind) {
    case "label":
      return encodeLabels(target, example)[0] ?? 0;
    case "step-label":
      return encodeLabels(target, example);
    case "number":
      return encodeSteps(target.scale, targetSteps(example))[0] ?? 0;
    case "step-number":
      return encodeSteps(target.scale, targetSteps(example));
    case "next":
      return 0;
    default:
      return target satisfies never;
  }
}

function encodeLabels(
  { labels }: Extract<TargetEncoding, { labels: unknown }>,
  example: Example,
): Int32Array {
  return Int32Array.from(labelsOf(example), (label) => {
    const index = labels.indexOf(label);
    if (index !== -1) return index;
    const known = labels.slice(0, 10).map(quote).join(", ") + (labels.length > 10 ? ", ..." : "");
    throw new DataError(`label ${quote(label)} is not one of the model's: ${known}`);
  });
}

/** Ids with the edge sign at both ends; answers are the inputs one step on. */
function encodePieces(encoding: InputEncoding, input: InputValue): EncodedRow[] {
  if (encoding.kind !== "text") throw new DataError("next characters need text");
  const edge = edgeId(encoding.vocabulary);
  const ids = Int32Array.from([edge, ...encodeInput(encoding, input), edge]);
  const rows: EncodedRow[] = [];
  for (let from = 0; from < ids.length - 1; from += pieceLength) {
    const to = Math.min(from + pieceLength, ids.length - 1);
    rows.push({ x: ids.slice(from, to), y: ids.slice(from + 1, to + 1) });
  }
  return rows;
}
