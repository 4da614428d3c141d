/** nSteps: a number, or an int32 scalar whose value becomes a size. */
import { ArgumentError, DTypeError, UnsupportedError } from "../../errors/errors.ts";
import type { SizeCheck } from "../../graph/op.ts";
import { describe, printType, Tensor } from "../../graph/tensor.ts";
import { leavesOf } from "../../graph/walk.ts";
import { constantSize, sizeSymbols, type Size } from "../../size/size.ts";
import { sizeOf, sizeSourceOf } from "./size-of-tensor.ts";
import { scanOfStepArgument } from "./step-arguments.ts";

/**
 * The number of steps that the user asks for; undefined when the sequences decide.
 * @throws ArgumentError SCAN_NSTEPS; DTypeError SCAN_NSTEPS; UnsupportedError SCAN_NSTEPS when it changes from step to step of an outer scan
 */
export function stepCount(label: string, nSteps: unknown): Size | undefined {
  if (nSteps === undefined) return undefined;
  if (nSteps instanceof Tensor) return countOf(label, nSteps);
  if (typeof nSteps === "number" && Number.isSafeInteger(nSteps) && nSteps >= 0)
    return constantSize(nSteps);
  throw new ArgumentError(
    "SCAN_NSTEPS",
    `${label}: nSteps must be an integer >= 0 or an int32 scalar, got ${String(nSteps)}`,
    {
      hint:
        typeof nSteps === "number" && nSteps < 0
          ? "to run backwards, pass goBackwards: true"
          : "nSteps: 10, or nSteps: x.size(0)",
    },
  );
}

function countOf(label: string, nSteps: Tensor): Size {
  const what = `${label}: nSteps ${describe(nSteps)} must be an int32 scalar`;
  if (nSteps.dtype !== "int32")
    throw new DTypeError("SCAN_NSTEPS", what, {
      notes: [`it is ${printType(nSteps.type)}`],
      hint: 'declare it with { dtype: "int32" }',
    });
  if (nSteps.rank !== 0)
    throw new ArgumentError("SCAN_NSTEPS", what, { notes: [`it is ${printType(nSteps.type)}`] });
  const outer = leavesOf([nSteps])
    .map(scanOfStepArgument)
    .find((owner) => owner !== undefined);
  if (outer !== undefined)
    throw new UnsupportedError(
      "SCAN_NSTEPS",
      `${label}: nSteps ${describe(nSteps)} depends on what ${outer} computes in each step`,
      {
        hint: "run the greatest number of steps and keep finished states with where(done, old, new)",
      },
    );
  if (nSteps.origin.kind === "constant" && nSteps.origin.value.item() < 0)
    throw new ArgumentError(
      "SCAN_NSTEPS",
      `${label}: nSteps is negative (${nSteps.origin.value.item()})`,
      { hint: "to run backwards, pass goBackwards: true" },
    );
  return sizeOf(nSteps);
}

/** A number of steps that a tensor gives may turn out negative at the call. */
export function stepChecks(label: string, nSteps: unknown, steps: Size): SizeCheck[] {
  const isValue = [...sizeSymbols(steps).values()].some(
    (symbol) => sizeSourceOf(symbol) !== undefined,
  );
  if (!(nSteps instanceof Tensor) || !isValue) return [];
  const message = `${label}: nSteps ${describe(nSteps)} is negative`;
  const hint = "to run backwards, pass goBackwards: true";
  return [{ x: steps, relation: "atLeast", y: constantSize(0), message, hint }];
}
