import { type EncodedInput, encodeInput } from "../data/encode.ts";
import type { Encoding } from "../data/encoding.ts";
import type { InputValue } from "../data/task.ts";
import { DataError } from "../errors.ts";
import { type Answer, answerOf } from "../render/answers.ts";
import type { Predictor } from "./predictor.ts";

/** Something to answer: as the data would hold it, and as the model reads it. */
export interface ReadInput {
  readonly value: InputValue;
  readonly encoded: EncodedInput;
}

/** What a model says about each input, in the words of its data. */
export function answerInputs(
  predictor: Predictor,
  { target }: Encoding,
  inputs: readonly ReadInput[],
): Answer[] {
  const answers = predictor.answer(inputs.map(({ encoded }) => encoded));
  return inputs.map(({ value }, index) =>
    answerOf(target, value, answers[index] ?? new Float32Array(), predictor.width),
  );
}

/**
 * How a model's answer grows with its input: what it says after the first character or step, the first two, and so on.
 * Beginnings of which nothing is left (`-` where a model reads letters alone) are left out.
 *
 * @throws {@link DataError} for an input that the model cannot read
 * @example
 * answerPrefixes(predictor, config.encoding, "Al"); // the answers to "A" and to "Al"
 */
export function answerPrefixes(
  predictor: Predictor,
  encoding: Encoding,
  value: InputValue,
): Answer[] {
  encodeInput(encoding.input, value);
  const inputs = prefixesOf(value).flatMap((prefix) => {
    const encoded = encodedOrNothing(encoding, prefix);
    return encoded === undefined ? [] : [{ value: prefix, encoded }];
  });
  return answerInputs(predictor, encoding, inputs);
}

function prefixesOf(value: InputValue): InputValue[] {
  if (typeof value !== "string") return value.map((_, index) => value.slice(0, index + 1));
  const characters = [...value];
  return characters.map((_, index) => characters.slice(0, index + 1).join(""));
}

function encodedOrNothing(encoding: Encoding, value: InputValue): EncodedInput | undefined {
  try {
    return encodeInput(encoding.input, value);
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}
