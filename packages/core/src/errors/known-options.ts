/** Options by name: a misspelt one must not be ignored. */
import { nearest } from "./nearest.ts";

/** What is wrong with options, to be put behind the name of who takes them, and what to do about it. */
export interface OptionProblem {
  /** The option that is unknown, where there is one. */
  readonly name?: string;
  readonly problem: string;
  readonly hint: string;
}

/** The first option that is not among `known`, or what was given in place of options; undefined where all is well. */
export function unknownOption(
  options: unknown,
  known: readonly string[],
): OptionProblem | undefined {
  const list =
    known.length === 1 ? `only option is ${known[0]}` : `options are ${known.join(", ")}`;
  const byName = (instead: string): OptionProblem => ({
    problem: `takes options by name, not ${instead}`,
    hint: `the ${list}`,
  });
  if (typeof options === "string") return byName(JSON.stringify(options));
  if (Array.isArray(options)) return byName("a list");
  if (typeof options === "function") return byName("a function");
  if (typeof options !== "object" || options === null) return byName(String(options));
  const name = Object.keys(options).find((key) => !known.includes(key));
  if (name === undefined) return undefined;
  const kind = classOf(options);
  if (kind !== undefined) return byName(`an instance of ${kind}`);
  const meant = nearest(name, known);
  return {
    name,
    problem: `has no option ${name}`,
    hint: meant === undefined ? `the ${list}` : `did you mean ${meant}? The ${list}`,
  };
}

/** The name of an object's class; undefined for plain records. */
function classOf(object: object): string | undefined {
  const { constructor } = object;
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" || name === "Object" ? undefined : name;
}
