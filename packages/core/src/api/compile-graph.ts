/** The graph that a spec of compile describes: checked, with its givens applied. */
import { GraphError } from "../errors/errors.ts";
import type { SizeCheck } from "../graph/op.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import {
  checkGivens,
  checkInput,
  checkOutput,
  checkRecord,
  checkUpdates,
  updatePairs,
} from "./compile-checks.ts";
import type { AnySpec } from "./compile-spec.ts";
import { applyGivens } from "./givens.ts";
import { pendingUpdates } from "./scan/pending-updates.ts";
import { scanOfStepArgument } from "./scan/step-arguments.ts";
import type { Update } from "./scan/types.ts";
import { sourcesOf } from "./size-sources.ts";
import { isStream, receivedUpdates, streamsOf } from "./stream-states.ts";
import { symbolsOf } from "./symbols-of.ts";

/** Inputs, outputs and updates as lists, and what they ask of sizes beyond what their graph does. */
export interface NamedGraph {
  readonly inputs: readonly (readonly [string, Tensor])[];
  readonly outputs: readonly (readonly [string, Tensor])[];
  readonly updates: readonly (readonly [target: Tensor, value: Tensor])[];
  readonly checks: readonly SizeCheck[];
}

/**
 * @throws ArgumentError COMPILE_INPUT, COMPILE_OUTPUT, COMPILE_UPDATE, COMPILE_UPDATE_TWICE, COMPILE_GIVEN;
 *   ShapeError COMPILE_UPDATE_TYPE; GraphError COMPILE_MISSING_INPUT, UNUSED_INPUT, UPDATES_FORGOTTEN
 */
export function compileGraph(
  spec: Pick<AnySpec, "inputs" | "outputs" | "updates" | "givens" | "unusedInputs">,
): NamedGraph {
  checkRecord("inputs", spec.inputs);
  checkRecord("outputs", spec.outputs);
  const inputs = Object.entries(spec.inputs ?? {});
  for (const [name, tensor] of inputs) checkInput(name, tensor);
  const outputs = Object.entries(spec.outputs ?? {});
  for (const [name, tensor] of outputs) checkOutput(name, tensor);
  const pairs = updatePairs(spec.updates);
  checkUpdates(pairs);
  checkGivens(spec.givens ?? []);
  const wanted = [...outputs.map(([, t]) => t), ...pairs.map(([, value]) => value)];
  const replaced = applyGivens(wanted, spec.givens ?? []);
  checkForgottenUpdates(wanted, pairs);
  checkStreams(wanted, pairs);
  checkLeaves(replaced, inputs, spec.unusedInputs ?? "raise");
  return {
    inputs,
    outputs: outputs.map(([name, t], i) => [name, replaced[i] ?? t] as const),
    updates: pairs.map(
      ([target, value], i) => [target, replaced[outputs.length + i] ?? value] as const,
    ),
    checks: pairs.flatMap(([target, value], i) =>
      updateChecks(target, replaced[outputs.length + i] ?? value),
    ),
  };
}

function updateChecks(target: Tensor, value: Tensor): NamedGraph["checks"] {
  return target.shape.flatMap((size, axis) => {
    const given = value.shape[axis];
    if (given === undefined || given.equals(size)) return [];
    return [
      {
        x: given,
        relation: "equal" as const,
        y: size,
        message: `the new value of ${describe(target)} must keep its shape in axis ${axis}`,
      },
    ];
  });
}

function checkForgottenUpdates(wanted: readonly Tensor[], pairs: readonly Update[]): void {
  const targets = new Set<Tensor>(pairs.map(([target]) => target));
  const isReceived = receivedUpdates(pairs);
  for (const apply of toposort(wanted)) {
    const pending = pendingUpdates(apply);
    const forgotten = (pending?.updates ?? []).filter(([target]) => !isReceived(apply, target));
    const [first] = forgotten;
    if (pending === undefined || first === undefined) continue;
    if (isStream(first[0]) && targets.has(first[0]))
      throw new GraphError(
        "STREAM_UPDATES",
        `${pending.label} draws from ${describe(first[0])} in every step, and compile received another update of it: the next call would draw some numbers again`,
        {
          hint: "pass updates: [...result.updates, ...]; those of all scans and of the stream may stand side by side",
        },
      );
    throw new GraphError(
      "UPDATES_FORGOTTEN",
      `${pending.label} produced updates of ${forgotten.map(([t]) => describe(t)).join(", ")} that compile did not receive`,
      {
        hint: "pass updates: [...result.updates, ...], or dropUpdates(result) to leave the variables as they are",
      },
    );
  }
}

/** A stream that draws and never goes on gives the same numbers at every call. */
function checkStreams(wanted: readonly Tensor[], pairs: readonly Update[]): void {
  const moved = new Set<Tensor>(pairs.map(([target]) => target));
  for (const leaf of toposort(wanted).flatMap(streamsOf)) {
    if (moved.has(leaf)) continue;
    throw new GraphError(
      "STREAM_UPDATES",
      `results draw from ${describe(leaf)}, whose update compile did not receive: every call would draw the same numbers`,
      {
        notes: [`the stream was made at ${leaf.site.toString()}`],
        hint: "pass updates: [...stream.updates(), ...], of a scan its own; numbers that never change come from keys: normal(key(1), shape), and those of a model in a trainer from its keys",
      },
    );
  }
}

function checkLeaves(
  results: readonly Tensor[],
  inputs: readonly (readonly [string, Tensor])[],
  unused: "raise" | "ignore",
): void {
  const given = new Set(inputs.map(([, t]) => t));
  const sources = [...sourcesOf(symbolsOf(results)).values()];
  const used = new Set(leavesOf([...results, ...sources]));
  const sizes = new Set(symbolsOf([...results, ...sources]).map(({ key }) => key));
  const givesSize = (input: Tensor): boolean => input.shape.some((size) => sizes.has(size.key));
  for (const leaf of used)
    if (leaf.origin.kind === "input" && !given.has(leaf)) throw missingInput(leaf);
  if (unused === "ignore") return;
  for (const [name, tensor] of inputs)
    if (!used.has(tensor) && !givesSize(tensor))
      throw new GraphError("UNUSED_INPUT", `no result uses input "${name}"`, {
        hint: 'leave it out, or pass unusedInputs: "ignore"',
      });
}

function missingInput(leaf: Tensor): GraphError {
  const scan = scanOfStepArgument(leaf);
  if (scan !== undefined)
    return new GraphError(
      "COMPILE_MISSING_INPUT",
      `${describe(leaf)} belongs to the inside of ${scan} and has no value outside`,
      { hint: "return it from the step as an output" },
    );
  return new GraphError(
    "COMPILE_MISSING_INPUT",
    `the results need ${describe(leaf)} ${printType(leaf.type)}, which is not among the inputs`,
    {
      notes: [`made at ${leaf.site.toString()}`],
      hint: `add it: inputs: { ..., ${leaf.name ?? "name"} }`,
    },
  );
}
