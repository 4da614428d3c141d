/** Builds the loop: Theano's words (sequences, taps, states, updates, masks) become consts, carries, xs and ys of one core scan. */
import { ArgumentError } from "../../errors/errors.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { any } from "../../ops/axes.ts";
import { where } from "../../ops/logic.ts";
import { makeScan } from "../../ops/scan/scan.ts";
import type { Size } from "../../size/size.ts";
import { Shared } from "../shared.ts";
import { capture, type Captured } from "./capture.ts";
import { lastRow } from "./final.ts";
import { guardPadding } from "./guard-padding.ts";
import {
  openStep,
  stepInput,
  type OpenState,
  type OpenStep,
  type ScanRequest,
} from "./open-step.ts";
import { flag, truncation } from "./options.ts";
import {
  beside,
  cutGradient,
  isWithinLast,
  makePadding,
  withBatch,
  zeroPadded,
  type Padding,
} from "./padding.ts";
import { notePendingUpdates, pendingUpdates } from "./pending-updates.ts";
import { checkSequence, commonSteps, longEnough, tapRows } from "./sequences.ts";
import { checkState, fitState } from "./states.ts";
import { stepChecks, stepCount } from "./step-count.ts";
import type { Update } from "./types.ts";

/** Results in the order in which the step returned its outputs. */
export interface BuiltScan {
  readonly outputs: readonly Tensor[];
  readonly final: readonly Tensor[];
  readonly updates: readonly Update[];
}

/** Padding as one step sees it. */
interface PaddedStep {
  readonly padding: Padding;
  /** `[B]`: this step is valid. */
  readonly valid: Tensor;
  /** `[B]`: gradients pass through this step; undefined: through all. */
  readonly live: { readonly row: Tensor; readonly rows: Tensor } | undefined;
}

/** @throws what the checks of options, sequences, states and masks throw; ArgumentError SCAN_NO_LENGTH */
export function buildScan(request: ScanRequest): BuiltScan {
  const { label, options } = request;
  const truncate = truncation(label, options.truncateGradient);
  const backwards = flag(label, "goBackwards", options.goBackwards);
  for (const entry of request.sequences) checkSequence(label, entry);
  for (const entry of request.states) checkState(label, entry);

  const nSteps = stepCount(label, options.nSteps);
  const sequences = request.sequences.map((entry) => longEnough(label, entry, nSteps));
  const steps = nSteps ?? commonSteps(sequences);
  if (steps === undefined)
    throw new ArgumentError(
      "SCAN_NO_LENGTH",
      `${label}: neither sequences nor nSteps say how many steps to run`,
      { hint: "pass nSteps: 10, or a sequence" },
    );
  const padding = makePadding(label, options, sequences, steps, backwards);
  const rows = sequences.map((entry) => padding?.rows(entry) ?? tapRows(entry, steps, backwards));
  const step = openStep(request, rows, padding);
  return closeStep(request, step, rows, steps, padding, truncate);
}

function closeStep(
  request: ScanRequest,
  step: OpenStep,
  rows: readonly (readonly Tensor[])[],
  steps: Size,
  padding: Padding | undefined,
  truncate: number | undefined,
): BuiltScan {
  const { label } = request;
  const { outputs, updates } = step.call;
  const padded = padding === undefined ? undefined : padStep(label, padding, truncate);
  const states = step.states.map((state, i) =>
    advance(label, state, outputs.find((o) => o.state === i)?.tensor ?? state.inputs[0], padded),
  );
  const ys = outputs.map(({ state, tensor, label: what }) => {
    const newest = state === undefined ? undefined : states[state]?.[0];
    return (
      newest ??
      cutGradient(
        padded === undefined ? tensor : withBatch(label, what, tensor, 0, padded.padding.batch),
        padded?.live?.row,
      )
    );
  });
  const cells = updates.map(([target, value]) => updateCarry(label, target, value, padded));
  refuseLostUpdates(label, step, updates);

  const rowInputs = step.rows.flat();
  const registers = step.states.flatMap((state) => state.inputs);
  const maskInputs =
    padded === undefined
      ? []
      : [padded.valid, ...(padded.live === undefined ? [] : [padded.live.row])];
  const args = [...registers, ...cells.map((c) => c.input), ...rowInputs, ...maskInputs];
  const results = [...states.flat(), ...cells.map((c) => c.leaves), ...ys];
  if (results.length === 0)
    throw new ArgumentError("SCAN_STEP_RESULT", `${label}: the step returns nothing`, {
      hint: "return a tensor, a list or a record of tensors, or stepResult with updates",
    });
  const captured = capture(
    results,
    new Set(args),
    step.clock,
    new Map(updates.map(([target], i) => [target, cells[i]?.input ?? target])),
  );
  refuseStrict(request, captured);
  const guarded =
    padded === undefined
      ? captured.outputs
      : guardPadding(captured.outputs, [...registers, ...rowInputs], {
          mask: padded.valid,
          live: padded.live?.row,
          batch: new Set([padded.padding.batch.key]),
        });

  const maskRows =
    padded === undefined
      ? []
      : [padded.padding.mask, ...(padded.live === undefined ? [] : [padded.live.rows])];
  const stateNames = step.states.flatMap((state, i) =>
    state.inputs.map((_, k) => (k === 0 ? outputs.find((o) => o.state === i)?.name : undefined)),
  );
  const loop = makeScan(
    {
      name: request.name,
      length: steps,
      reverse: false,
      truncate: padded === undefined ? truncate : undefined,
      checks: stepChecks(label, request.options.nSteps, steps),
      shifts: padded === undefined ? shiftsOf(step.states) : [],
    },
    {
      consts: captured.outer,
      carries: [
        ...step.states.flatMap((state) => state.initials),
        ...updates.map(([target]) => target),
      ],
      xs: [...rows.flat(), ...maskRows],
    },
    { inputs: [...captured.inputs, ...args], outputs: guarded },
    { final: stateNames, ys: outputs.map((o) => o.name) },
  );
  const produced = updates.map(([target], i): Update => [
    target,
    loop.final[registers.length + i] ?? target,
  ]);
  notePendingUpdates(loop.apply, label, produced);
  const places = firstRegisters(step.states);
  return {
    outputs: loop.ys.map((y) => (padding === undefined ? y : zeroPadded(padding.mask, y))),
    final: loop.ys.map(
      (y, i) => loop.final[places[outputs[i]?.state ?? -1] ?? -1] ?? lastRow(y, steps, padding),
    ),
    updates: produced,
  };
}

function padStep(label: string, padding: Padding, truncate: number | undefined): PaddedStep {
  const row = (name: string): Tensor =>
    stepInput(label, { dtype: "bool", shape: [padding.batch] }, name);
  const live =
    truncate === undefined
      ? undefined
      : { row: row("within truncation"), rows: isWithinLast(padding, truncate) };
  return { padding, valid: row("valid"), live };
}

/** The registers of a state after a step, the newest first; where the step is not valid they keep their values. */
function advance(
  label: string,
  { entry, initials, inputs }: OpenState,
  leaves: Tensor | undefined,
  padded: PaddedStep | undefined,
): Tensor[] {
  const [entered] = inputs;
  const [initial] = initials;
  if (entered === undefined || initial === undefined || leaves === undefined) return [];
  const given = typeof entry.initial === "number" ? initial : entry.initial;
  const newest = cutGradient(fitState(label, entry, entered, given, leaves), padded?.live?.row);
  const after = [newest, ...inputs.slice(0, -1)];
  if (padded === undefined) return after;
  return after.map((x, k) => where(beside(padded.valid, x), x, inputs[k] ?? x));
}

/** A shared variable that the step updates, as a carry. Steps that no sequence of a padded batch has leave it as it is. */
function updateCarry(
  label: string,
  target: Shared,
  value: Tensor,
  padded: PaddedStep | undefined,
): { readonly input: Tensor; readonly leaves: Tensor } {
  const name = target.name === undefined ? "a shared variable" : `shared variable "${target.name}"`;
  const input = stepInput(label, target.type, target.name);
  const entry = { label: name, place: "updates", name: target.name, initial: target, taps: [-1] };
  const leaves = fitState(label, entry, input, target, value);
  return { input, leaves: padded === undefined ? leaves : where(any(padded.valid), leaves, input) };
}

/** Which carries hand their value on to which register. */
function shiftsOf(states: readonly OpenState[]): [from: number, to: number][] {
  return states.flatMap(({ inputs }, i) => {
    const first = firstRegisters(states)[i] ?? 0;
    return inputs.slice(1).map((_, k): [number, number] => [first + k, first + k + 1]);
  });
}

/** The place of each state's newest register among the carries. */
function firstRegisters(states: readonly OpenState[]): number[] {
  let next = 0;
  return states.map(({ inputs }) => (next += inputs.length) - inputs.length);
}

/** A scan inside the step may update shared variables too: the step hands these updates on. */
function refuseLostUpdates(
  label: string,
  { call, clock }: OpenStep,
  updates: readonly Update[],
): void {
  const results = [...call.outputs.map((o) => o.tensor), ...updates.map(([, value]) => value)];
  for (const apply of toposort(results)) {
    if ((apply.outputs[0]?.id ?? 0) <= clock) continue;
    const inner = pendingUpdates(apply);
    const lost = inner?.updates.find(([target]) => !updates.some(([kept]) => kept === target))?.[0];
    if (inner !== undefined && lost !== undefined)
      throw new ArgumentError(
        "SCAN_UPDATES_LOST",
        `${label}: its step uses ${inner.label} and drops the update of shared variable "${lost.name ?? "?"}" that it makes`,
        {
          hint: "return stepResult(outputs, { updates: inner.updates }), or wrap the inner result in dropUpdates(...)",
        },
      );
  }
}

/** @throws ArgumentError SCAN_STRICT */
function refuseStrict({ label, options, listed }: ScanRequest, { outer }: Captured): void {
  if (!flag(label, "strict", options.strict)) return;
  const unlisted = outer.find((x) => x instanceof Shared && !listed.has(x));
  if (unlisted !== undefined)
    throw new ArgumentError(
      "SCAN_STRICT",
      `${label}: the step uses shared variable "${unlisted.name ?? "?"}", which nonSequences does not list`,
      {
        notes: [`it was made at ${unlisted.site.toString()}`],
        hint: "list it in nonSequences, or leave strict out",
      },
    );
}
