/** What may be a step. */
import { ArgumentError } from "../../errors/errors.ts";
import type { AnyStep } from "./run-positional.ts";

/** @throws ArgumentError SCAN_STEP */
export function requireStep(word: string, step: unknown): AnyStep {
  if (typeof step !== "function")
    throw new ArgumentError(
      "SCAN_STEP",
      `${word}: the step must be a function, got ${typeof step}`,
    );
  if ("explain" in step && "dispose" in step)
    throw new ArgumentError(
      "SCAN_STEP",
      `${word}: the step is a compiled function, which computes numbers`,
      { hint: "pass the JavaScript function that builds the graph of one step" },
    );
  return step as AnyStep;
}
