import { RunFolderError, messageOf } from "../errors.ts";
import { checkConfig } from "./check-config.ts";
import { type RunConfig, decodeConfig } from "./config.ts";

/** How messages call a config. */
export interface ConfigPlace {
  /** The run, as the user called it. */
  readonly name: string;
  /** Where in it the config is. */
  readonly label: string;
}

/** A config from its text. @throws {@link RunFolderError} for one that is damaged or of a newer version */
export function parseConfig(content: string, { name, label }: ConfigPlace): RunConfig {
  const damaged = (reason: string, cause: unknown): RunFolderError =>
    new RunFolderError(`${label} is damaged: ${reason}`, {
      hint: "train again, or restore the file",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    // What engines quote may be anything, also what no terminal should get.
    const reason = messageOf(error)
      .replace(/,? ".*$/s, "")
      .replace(/[^\x20-\x7e]/g, "?");
    throw damaged(`it is not JSON (${reason})`, error);
  }
  const version = Object(value)["version"];
  if (typeof version === "number" && version > 1) {
    throw new RunFolderError(`${name} was written by a newer scan-train (format ${version})`, {
      hint: "update scan-train to read it",
    });
  }
  try {
    const config = decodeConfig(value, "");
    checkConfig(config);
    return config;
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
}
