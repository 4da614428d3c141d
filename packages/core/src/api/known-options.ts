/** Names of options: a misspelt one must not be ignored. */
import { nearest } from "./nearest.ts";

/** The first option that is not among `known`, and the one that was most likely meant. */
export function unknownOption(
  options: object,
  known: readonly string[],
): { readonly name: string; readonly hint: string } | undefined {
  const name = Object.keys(options).find((key) => !known.includes(key));
  return name === undefined
    ? undefined
    : { name, hint: `did you mean ${nearest(name, known)}? The options are ${known.join(", ")}` };
}
