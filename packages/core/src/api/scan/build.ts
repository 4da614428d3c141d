/** Builds the loop: Theano's words (sequences, taps, states, updates, masks) become consts, carries, xs and ys of one core scan. */
import { ArgumentError, UnsupportedError } from "../../errors/errors.ts";
import { describe, type Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { makeScan } from "../../ops/scan/scan.ts";
import type { Size } from "../../size/size.ts";
import { Shared } from "../shared.ts";
import { receivedUpdates, streamsOf } from "../stream-states.ts";
import { capture, type Captured } from "./capture.ts";
import { lastRow } from "./final.ts";
import { guardPadding } from "./guard-padding.ts";
import { openStep, resultOf, type OpenStep, type ScanRequest } from "./open-step.ts";
import { flag, gradientSettings, type GradientSettings } from "./options.ts";
import {
  allValid,
  cutGradient,
  makePadding,
  withBatch,
  zeroPadded,
  type Padding,
} from "./padding.ts";
import { notePendingUpdates, pendingUpdates } from "./pending-updates.ts";
import { advance, firstRegisters, padStep, shiftsOf, updateCarry } from "./registers.ts";
import { resetEntry } from "./resets.ts";
import {
  checkSequence,
  commonSteps,
  longEnough,
  tapRows,
  type SequenceEntry,
} from "./sequences.ts";
import { checkState } from "./states.ts";
import { stepChecks, stepCount } from "./step-count.ts";
import type { Update } from "./types.ts";
import { countSteps, endingAt, stepsFrom } from "./until.ts";

/** Results in the order in which the step returned its outputs. */
export interface BuiltScan {
  readonly outputs: readonly Tensor[];
  readonly final: readonly Tensor[];
  readonly updates: readonly Update[];
}

/** What one loop runs over. */
interface Loop {
  readonly steps: Size;
  readonly padding: Padding | undefined;
  /** For each sequence and tap the rows of all steps. */
  readonly rows: readonly (readonly Tensor[])[];
  readonly resets: Tensor | undefined;
}

/** @throws what the checks of options, sequences, states, masks and conditions throw; ArgumentError SCAN_NO_LENGTH */
export function buildScan(request: ScanRequest): BuiltScan {
  const { label, options } = request;
  const settings = gradientSettings(label, options);
  const { truncate } = settings;
  const backwards = flag(label, "goBackwards", options.goBackwards);
  for (const entry of request.sequences) checkSequence(label, entry);
  for (const entry of request.states) checkState(label, entry);

  const nSteps = stepCount(label, options.nSteps);
  const resets = resetEntry(label, options, request.sequences, nSteps);
  const sequences = request.sequences.map((entry) => longEnough(label, entry, nSteps));
  const most = nSteps ?? commonSteps(sequences);
  if (most === undefined)
    throw new ArgumentError(
      "SCAN_NO_LENGTH",
      `${label}: neither sequences nor nSteps say how many steps to run`,
      { hint: "pass nSteps: 10, or a sequence" },
    );
  const loopOf = (steps: Size): Loop => {
    const padding = makePadding(label, options, sequences, steps, backwards);
    const rowsOf = (entry: SequenceEntry): readonly Tensor[] =>
      padding?.rows(entry) ?? tapRows(entry, steps, backwards);
    const [resetRows] = resets === undefined ? [] : rowsOf(resets);
    // Registers that resets restart are followed back by a mask, not as shifts.
    const followed =
      resetRows === undefined || truncate === undefined
        ? padding
        : (padding ?? allValid(resetRows));
    return { steps, padding: followed, rows: sequences.map(rowsOf), resets: resetRows };
  };
  const whole = loopOf(most);
  const step = openStep(request, whole.rows, whole);
  const { until } = step.call;
  if (until === undefined) return closeStep(request, step, whole, settings);
  const ends = countSteps(request, step, whole, until);
  const steps = until.rank === 0 ? stepsFrom(ends) : undefined;
  const ending =
    steps === undefined
      ? { ...whole, padding: endingAt(ends, whole.padding, most, until) }
      : loopOf(steps);
  return closeStep(request, step, ending, settings);
}

function closeStep(
  request: ScanRequest,
  step: OpenStep,
  { steps, padding, rows, resets }: Loop,
  { truncate, memory }: GradientSettings,
): BuiltScan {
  const { label } = request;
  if (memory !== undefined && truncate !== undefined && padding === undefined)
    throw new UnsupportedError(
      "SCAN_MEMORY_TRUNCATE",
      `${label}: memory and truncateGradient do not go together without lengths, a mask or resets`,
      {
        hint: "leave truncateGradient out, or run the steps before in a scan of their own and begin this one from stopGradient(first.final)",
      },
    );
  const { outputs, updates } = step.call;
  const padded = padding === undefined ? undefined : padStep(label, padding, truncate);
  const select = { valid: padded?.valid, live: padded?.live?.row };
  const states = step.states.map((state, i) => advance(label, state, resultOf(step, i), select));
  const ys = outputs.map(({ state, tensor, label: what }) => {
    const newest = state === undefined ? undefined : states[state]?.[0];
    if (newest !== undefined) return newest;
    const batch = padding?.batch;
    return cutGradient(
      batch === undefined ? tensor : withBatch(label, what, tensor, 0, batch),
      select.live,
    );
  });
  const cells = updates.map(([target, value]) => updateCarry(label, target, value, padded?.valid));
  refuseLostUpdates(label, step, updates);

  const registers = step.states.flatMap((state) => state.inputs);
  const selectInputs = [select.valid, select.live, step.reset].filter((x) => x !== undefined);
  const rowInputs = step.rows.flat();
  const args = [...registers, ...cells.map((c) => c.input), ...rowInputs, ...selectInputs];
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
  refuseStillStreams(label, results, step.clock, captured);
  const guarded =
    padded === undefined
      ? captured.outputs
      : guardPadding(captured.outputs, [...registers, ...rowInputs], {
          mask: padded.valid,
          live: select.live,
        });

  const stateNames = step.states.flatMap((state, i) =>
    state.inputs.map((_, k) => (k === 0 ? outputs.find((o) => o.state === i)?.name : undefined)),
  );
  // Registers that a mask or a reset may change are no plain shifts.
  const isPlain = padded === undefined && resets === undefined;
  const loop = makeScan(
    {
      name: request.name,
      length: steps,
      reverse: false,
      truncate: padded === undefined ? truncate : undefined,
      checks: stepChecks(label, request.options.nSteps, steps),
      shifts: isPlain ? shiftsOf(step.states) : [],
      ...(memory === undefined ? {} : { memory }),
      ...(request.checkpoint === true ? { checkpoint: true } : {}),
    },
    {
      consts: captured.outer,
      carries: [
        ...step.states.flatMap((state) => state.initials),
        ...updates.map(([target]) => target),
      ],
      xs: [
        ...rows.flat(),
        ...[padding?.mask, padded?.live?.rows, resets].filter((x) => x !== undefined),
      ],
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

/** A scan inside the step may update shared variables too: the step hands these updates on. */
function refuseLostUpdates(
  label: string,
  { call, clock }: OpenStep,
  updates: readonly Update[],
): void {
  const results = [...call.outputs.map((o) => o.tensor), ...updates.map(([, value]) => value)];
  const isKept = receivedUpdates(updates);
  for (const apply of toposort(results)) {
    if ((apply.outputs[0]?.id ?? 0) <= clock) continue;
    const inner = pendingUpdates(apply);
    const lost = inner?.updates.find(([target]) => !isKept(apply, target))?.[0];
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

/** @throws ArgumentError SCAN_STREAM where a step draws from a stream that does not go on from step to step */
function refuseStillStreams(
  label: string,
  results: readonly Tensor[],
  clock: number,
  { outer }: Captured,
): void {
  const still = toposort(results)
    .filter((apply) => (apply.outputs[0]?.id ?? 0) > clock)
    .flatMap(streamsOf)
    .find((x) => outer.includes(x));
  if (still !== undefined)
    throw new ArgumentError(
      "SCAN_STREAM",
      `${label}: the step draws from ${describe(still)} and does not return its update: every step would draw the same numbers`,
      {
        notes: [`the stream was made at ${still.site.toString()}`],
        hint: "return stepResult(outputs, { updates: stream.updates() }); numbers that are the same in every step are drawn before the scan",
      },
    );
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
