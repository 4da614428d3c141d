/**
 * The characters (code points) that a model knows. Character `i` has id `i + 1`; id 0 stands for every other
 * character, and `characters.length + 1` for the start and the end of a text in next-character models.
 */
export interface Vocabulary {
  readonly characters: readonly string[];
}

/**
 * All characters that occur at least twice in the texts, in the order of their code points. Those that occur once
 * share id 0, which so learns what to make of characters never seen.
 */
export function buildVocabulary(texts: readonly string[]): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const codePoint = (character: string): number => character.codePointAt(0) ?? 0;
  const characters = [...counts.keys()].filter((character) => (counts.get(character) ?? 0) > 1);
  return { characters: characters.sort((a, b) => codePoint(a) - codePoint(b)) };
}

/** Number of ids, with the unknown character, and the start and end sign. */
export function vocabularySize({ characters }: Vocabulary): number {
  return characters.length + 2;
}

/** The id of the start of a text (as an input) and of its end (as an answer). */
export function edgeId({ characters }: Vocabulary): number {
  return characters.length + 1;
}

/** The ids of the characters of a text. */
export function textToIds(vocabulary: Vocabulary, text: string): Int32Array {
  const ids = idsOf(vocabulary);
  return Int32Array.from([...text], (character) => ids.get(character) ?? 0);
}

const idMaps = new WeakMap<Vocabulary, ReadonlyMap<string, number>>();

function idsOf(vocabulary: Vocabulary): ReadonlyMap<string, number> {
  const known = idMaps.get(vocabulary);
  if (known !== undefined) return known;
  const ids = new Map(vocabulary.characters.map((character, index) => [character, index + 1]));
  idMaps.set(vocabulary, ids);
  return ids;
}
