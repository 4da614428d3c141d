/** What does not run on a GPU: each with the error that says so, made by the code that throws it. */
import type { UnsupportedError } from "@scan-train/core/backend-kit";
import { noFloat64, optimiserRemedy } from "./codegen/device-traits.ts";
import { hostBranch } from "./codegen/pieces.ts";
import { hostOnly } from "./codegen/statements.ts";
import { tooLarge } from "./device/gpu-errors.ts";

export interface Refusal {
  readonly what: string;
  readonly error: UnsupportedError;
}

/** @example for (const { what, error } of gpuRefusals()) show(what, error.message); */
export function gpuRefusals(): readonly Refusal[] {
  return [
    { what: "float64 inputs, outputs and values", error: noFloat64('output "y"') },
    {
      what: "float64 variables, such as the scalars that an optimiser keeps unless told otherwise",
      error: noFloat64('shared variable "adam.beta1Power"', optimiserRemedy),
    },
    { what: "printValue and profile: true", error: hostOnly() },
    {
      what: "loops of the host whose course only the device knows (no graph of ours makes them; loop programs of others may)",
      error: hostBranch(
        { name: "run", params: [], body: [] },
        '"if" decides on the device what the host is to start',
      ),
    },
    {
      what: "arrays that are larger than the adapter binds",
      error: tooLarge('"h"', 3_221_225_472, 2_147_483_648),
    },
  ];
}
