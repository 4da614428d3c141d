import { deepStack, userPlace } from "./user-place.ts";

/**
 * Every error a user can meet: a class, a stable code, what came, what was expected, and a remedy.
 * The message is complete in itself; `code` is for programs.
 */
export interface ErrorDetails {
  /** What to do about it; printed on its own line. */
  readonly hint?: string;
  /** Lines such as `made at model.ts:41:18`, printed between message and hint. */
  readonly notes?: readonly string[];
  readonly cause?: unknown;
}

/** Base class of all errors thrown on purpose. `name` is the class, `code` a stable identifier such as `DOT_SHAPE`. */
export class ScanTrainError extends Error {
  readonly code: string;
  /** Part of the message already, and therefore not enumerable: what prints an error prints it once. */
  declare readonly hint?: string;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    const place = userPlace(deepStack(60).stack ?? "");
    const lines = [`${code}: ${message}`, ...(details.notes ?? []).map((note) => `  ${note}`)];
    if (place !== undefined) lines.push(`  at ${place}`);
    if (details.hint !== undefined) lines.push(`  hint: ${details.hint}`);
    super(lines.join("\n"), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    if (details.hint !== undefined) Object.defineProperty(this, "hint", { value: details.hint });
  }
}

/** Shapes or ranks do not fit. */
export class ShapeError extends ScanTrainError {}
/** A dtype does not fit. */
export class DTypeError extends ScanTrainError {}
/** An index lies outside an axis, or there are too many of them. */
export class IndexError extends ScanTrainError {}
/** An argument has the wrong kind, number or value. */
export class ArgumentError extends ScanTrainError {}
/** A derivative that does not exist or has no path. */
export class GradientError extends ScanTrainError {}
/** A value that is not a number, where `check` looks for one. */
export class NumericError extends ScanTrainError {}
/** A graph that is not well formed, or cannot be compiled. */
export class GraphError extends ScanTrainError {}
/** Something this version refuses to do; never a silent fallback. */
export class UnsupportedError extends ScanTrainError {}
/** A defect of scan-train itself. */
export class InternalError extends ScanTrainError {
  constructor(message: string, details: ErrorDetails = {}) {
    super("INTERNAL", message, {
      hint: "this is a defect of scan-train: please report it with the graph that shows it",
      ...details,
    });
  }
}
