import type { Command, Option } from "commander";
import { UsageError } from "../errors.ts";

/** The options that the user wrote, by their names without dashes, as opposed to those that have their default. */
export type Given = ReadonlySet<string>;

/** The options of a command that the command line names. */
export function givenOptions(command: Command): Given {
  const isGiven = (option: Option): boolean =>
    command.getOptionValueSource(option.attributeName()) === "cli";
  return new Set(command.options.filter(isGiven).map((option) => option.name()));
}

/**
 * Refuses an option that would change nothing here: who wrote it expects something of it.
 *
 * @throws {@link UsageError} if the user wrote it
 */
export function refuseIdle(given: Given, option: string, why: string, remedy?: string): void {
  if (!given.has(option)) return;
  throw new UsageError(`--${option}: ${why}`, { hint: remedy ?? `leave --${option} out` });
}

/** Makes a command refuse options that are written twice, since only the last one would count. */
export function refuseRepeats(command: Command): void {
  const seen = new Set<string>();
  for (const option of command.options) {
    const name = option.name();
    command.on(`option:${name}`, () => {
      if (seen.has(name)) {
        throw new UsageError(`--${name} is given more than once`, { hint: "give it once" });
      }
      seen.add(name);
    });
  }
}
