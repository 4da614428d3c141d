/** Functions of the user that build graphs, run once over fresh inputs and closed: what they compute depends on their arguments alone. */
import { ArgumentError } from "../errors/errors.ts";
import type { Block } from "../graph/op.ts";
import { freshLike } from "../graph/rebuild.ts";
import { describe, Tensor } from "../graph/tensor.ts";
import { leavesOf } from "../graph/walk.ts";
import { capture, tensorClock } from "./scan/capture.ts";
import { noteStepArgument } from "./scan/step-arguments.ts";

/** A fresh tensor of the same type, whose name is said where it leaks out of `label`. */
export function argumentLike(label: string, tensor: Tensor, name = tensor.name): Tensor {
  const input = freshLike(tensor, name);
  noteStepArgument(input, label);
  return input;
}

/**
 * What `build` returns, as a list of tensors over `args`; entries may be missing where `mayMiss`.
 * @param label how messages call the function: `op "swish"`
 * @throws ArgumentError OP_RESULT, OP_CAPTURE
 */
export function closedResults(
  label: string,
  args: readonly Tensor[],
  build: () => unknown,
  mayMiss: boolean,
): readonly (Tensor | undefined)[] {
  const clock = tensorClock();
  const returned = build();
  const entries: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
  const results = entries.map((entry): Tensor | undefined => {
    if (entry instanceof Tensor) return entry;
    if (mayMiss && (entry === undefined || entry === null)) return undefined;
    throw new ArgumentError(
      "OP_RESULT",
      `${label} returns ${entry === null ? "null" : typeof entry}, not a tensor`,
      { hint: `return a tensor or a list of tensors${mayMiss ? "; null for no gradient" : ""}` },
    );
  });
  if (results.length === 0)
    throw new ArgumentError("OP_RESULT", `${label} returns an empty list`, {
      hint: "return a tensor or a list of tensors",
    });
  const found = results.filter((x) => x !== undefined);
  refuseCaptured(label, found, args, clock);
  return results;
}

/** The block of a function that returns tensors only. @throws ArgumentError OP_RESULT, OP_CAPTURE */
export function closedBlock(label: string, inputs: readonly Tensor[], build: () => unknown): Block {
  const outputs = closedResults(label, inputs, build, false);
  return { inputs, outputs: outputs.filter((x) => x !== undefined) };
}

function refuseCaptured(
  label: string,
  results: readonly Tensor[],
  args: readonly Tensor[],
  clock: number,
): void {
  const { outer } = capture(results, new Set(args), clock, new Map());
  const captured = outer.find((x) => leavesOf([x]).some((leaf) => leaf.origin.kind !== "constant"));
  if (captured === undefined) return;
  throw new ArgumentError(
    "OP_CAPTURE",
    `${label} uses ${describe(captured)}, which is none of its arguments`,
    {
      notes: [`it was made at ${captured.site.toString()}`],
      hint: "pass it as one more argument: derivatives are those in the arguments",
    },
  );
}
