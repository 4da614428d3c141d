/** What a word that is not known most likely means. */
import { isOtherWord } from "./other-words.ts";

/** The known word for what other libraries call so, or that is spelt much like it; undefined where none is. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = plainly(word);
  const translated = known.find((name) => isOtherWord(plain, name));
  if (translated !== undefined) return translated;
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const other = plainly(candidate);
    const distance = editDistance(plain, other);
    const most = Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3));
    if (distance <= most && distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** What to say about a word that is not known: the one most likely meant, or all of them where none is close. */
export function suggest(word: string, known: readonly string[]): string {
  const best = nearest(word, known);
  return best === undefined ? `the names are ${known.join(", ")}` : `did you mean "${best}"?`;
}

/** n_steps, N-Steps and nSteps are one word. */
function plainly(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]),
          isSwap ? (before[j - 2] ?? Infinity) + 1 : Infinity,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
