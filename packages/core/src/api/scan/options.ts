/** Options of scan: which exist, which this version refuses, what they must be. */
import { ArgumentError, UnsupportedError } from "../../errors/errors.ts";
import { Tensor } from "../../graph/tensor.ts";
import { nearest } from "../../errors/nearest.ts";

const shared = [
  "nSteps",
  "truncateGradient",
  "goBackwards",
  "lengths",
  "mask",
  "resets",
  "strict",
  "name",
  "memory",
] as const;
/** Options of Theano's scan that say nothing here, and why. */
const refused: Readonly<Record<string, string>> = {
  mode: "how a loop is optimised is one choice for the whole function: compile({ optimize })",
  profile: "a loop is measured with the function that it is part of",
  allowGc: "leave it out: the memory of a loop is planned when it is compiled, and used again",
};
const forms = {
  positional: ["sequences", "outputsInfo", "nonSequences"],
  named: ["sequences", "init", "nonSequences", "step"],
} as const;

/**
 * @throws ArgumentError SCAN_OPTION, SCAN_OPTION_VALUE; UnsupportedError SCAN_OPTION
 */
export function checkOptions(form: keyof typeof forms, label: string, options: object): void {
  const known: readonly string[] = [...forms[form], ...shared];
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || known.includes(key)) continue;
    const reason = refused[key];
    if (reason !== undefined)
      throw new UnsupportedError("SCAN_OPTION", `${label}: option ${key} is not supported`, {
        hint: reason,
      });
    const meant = nearest(key, known);
    throw new ArgumentError("SCAN_OPTION", `${label}: there is no option ${key}`, {
      hint: meant === undefined ? `the options are ${known.join(", ")}` : `did you mean ${meant}?`,
    });
  }
}

/** The options that steer the loop, with their values checked. */
export interface LoopOptions {
  readonly nSteps?: unknown;
  readonly truncateGradient?: unknown;
  readonly goBackwards?: unknown;
  readonly lengths?: unknown;
  readonly mask?: unknown;
  readonly resets?: unknown;
  readonly strict?: unknown;
  readonly memory?: unknown;
}

/** What steers the gradient of a loop. */
export interface GradientSettings {
  /** How many steps it goes back; undefined: all. */
  readonly truncate: number | undefined;
  /** The bytes that a call may work in; undefined: any. */
  readonly memory: number | undefined;
}

/** @throws ArgumentError SCAN_TRUNCATE, SCAN_MEMORY */
export function gradientSettings(label: string, options: LoopOptions): GradientSettings {
  return {
    truncate: truncation(label, options.truncateGradient),
    memory: memoryBudget(label, options.memory),
  };
}

function truncation(label: string, value: unknown): number | undefined {
  if (value === undefined || value === -1) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new ArgumentError(
    "SCAN_TRUNCATE",
    `${label}: truncateGradient must be -1 or an integer > 0, got ${String(value)}`,
    {
      hint: "-1 keeps the whole gradient",
    },
  );
}

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1048576,
  GiB: 1073741824,
};

function memoryBudget(label: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const [, digits, unit = ""] =
    typeof value === "string" ? (/^\s*([\d.]+)\s*([A-Za-z]+)\s*$/.exec(value) ?? []) : [];
  const bytes = typeof value === "number" ? value : Number(digits) * (unitBytes[unit] ?? NaN);
  if (bytes >= 1 && Number.isFinite(bytes)) return Math.floor(bytes);
  const given =
    typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "object" && value !== null
        ? "an object"
        : typeof value === "function"
          ? "a function"
          : String(value);
  const units = Object.keys(unitBytes);
  const meant = units.find((name) => name.toLowerCase() === unit.toLowerCase());
  const forms = `give bytes from 1 on, or a number with a unit (${units.join(", ")}): memory: "64MB"`;
  throw new ArgumentError("SCAN_MEMORY", `${label}: memory is ${given}`, {
    hint:
      meant !== undefined && meant !== unit
        ? `did you mean "${String(digits)}${meant}"? ${forms}`
        : value === null
          ? `leave it out for no budget; ${forms}`
          : forms,
  });
}

/** A boolean option. @throws ArgumentError SCAN_OPTION_VALUE */
export function flag(label: string, name: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new ArgumentError(
    "SCAN_OPTION_VALUE",
    `${label}: ${name} must be true or false, got ${value instanceof Tensor ? "a tensor" : String(value)}`,
  );
}
