import { evaluate } from "@scan-train/core";
import { foldIn, key, uniform } from "@scan-train/core/random";
import { pieceLength } from "../data/encode.ts";
import { type Vocabulary, edgeId, textToIds } from "../data/vocabulary.ts";
import type { Predictor } from "./predictor.ts";

export interface ContinueOptions {
  /** Most characters to write. */
  readonly length: number;
  /** Always the likeliest character. */
  readonly isGreedy: boolean;
  readonly seed: number;
  /** Which text of several it is: each has random numbers of its own. */
  readonly index: number;
}

/** What a next-character model writes after a text, up to where it ends the text by itself. */
export function continueText(
  predictor: Predictor,
  vocabulary: Vocabulary,
  text: string,
  options: ContinueOptions,
): string {
  const edge = edgeId(vocabulary);
  const choices = evaluate(uniform(foldIn(key(options.seed), options.index), [options.length]));
  const ids = [edge, ...textToIds(vocabulary, text)];
  let written = "";
  for (const choice of choices.data) {
    const [answer = new Float32Array()] = predictor.answer([
      Int32Array.from(ids.slice(-pieceLength)),
    ]);
    const probabilities = answer.subarray(answer.length - predictor.width);
    // Unknown characters (id 0) cannot be written.
    const next = pick(probabilities.subarray(1), options.isGreedy ? undefined : choice) + 1;
    if (next === edge) break;
    written += vocabulary.characters[next - 1] ?? "";
    ids.push(next);
  }
  return written;
}

/** The index where the running sum of the weights passes a part of their whole sum; without a part, the largest. */
function pick(weights: Float32Array, part: number | undefined): number {
  if (part === undefined) return weights.indexOf(weights.reduce((a, b) => Math.max(a, b), 0));
  let rest = part * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return index;
  }
  return weights.length - 1;
}
