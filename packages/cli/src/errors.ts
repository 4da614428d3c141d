/**
 * What a user of the program can meet. A message says what was wrong with what; the hint says what to do.
 */
export class CliError extends Error {
  /** 1: the work failed; 2: the command was not understood. */
  readonly exitCode: 1 | 2;
  readonly hint: string | undefined;

  constructor(message: string, details: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.exitCode = 1;
    this.hint = details.hint;
  }
}

/** The command line asks for something that does not exist or does not fit together. */
export class UsageError extends CliError {
  override readonly exitCode = 2;
}

/** A data file that cannot be used. */
export class DataError extends CliError {}

/** A run folder that is missing, incomplete or damaged. */
export class RunFolderError extends CliError {}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The system's code (`ENOENT`, `EACCES`, ...) of an error from `node:fs`, if it has one. */
export function systemCode(thrown: unknown): string | undefined {
  const code: unknown = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}
