/** The known word that a misspelt one most likely meant. */
export function nearest(word: string, known: readonly string[]): string {
  let best = known[0] ?? "";
  let least = Infinity;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** What to say about a word that is not known: the one most likely meant, or all of them where none is close. */
export function suggest(word: string, known: readonly string[]): string {
  const best = nearest(word, known);
  const distance = editDistance(word.toLowerCase(), best.toLowerCase());
  return distance <= Math.max(1, Math.floor(Math.max(word.length, best.length) / 3))
    ? `did you mean "${best}"?`
    : `the names are ${known.join(", ")}`;
}

/** Insertions, deletions and replacements that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
