/**
 * Loops that end by a condition. A first loop, of what the condition needs alone, counts steps; the scan itself then has a known
 * number of steps, or a mask where each sequence ends by itself, so that its gradients, taps and directions are those of any scan.
 */
import type { Tensor } from "../../graph/tensor.ts";
import { leavesOf, toposort } from "../../graph/walk.ts";
import { add, minimum } from "../../ops/arithmetic.ts";
import { all } from "../../ops/axes.ts";
import { cast } from "../../ops/cast.ts";
import { lt } from "../../ops/compare.ts";
import { zeros } from "../../ops/constant.ts";
import { and, not, or, where } from "../../ops/logic.ts";
import { loopUntil } from "../../ops/scan/loop-until.ts";
import { silenced } from "../../ops/scan/silence.ts";
import type { Size } from "../../size/size.ts";
import { capture } from "./capture.ts";
import { guardPadding } from "./guard-padding.ts";
import { resultOf, stepInput, type OpenStep, type ScanRequest } from "./open-step.ts";
import { beside, lastValid, stepNumbers, withBatch, type Padding } from "./padding.ts";
import { advance, updateCarry } from "./registers.ts";
import { sizeOf } from "./size-of-tensor.ts";
import { scanOfStepArgument } from "./step-arguments.ts";

interface Counted {
  readonly steps: Size;
  readonly padding: Padding | undefined;
  readonly rows: readonly (readonly Tensor[])[];
  readonly resets: Tensor | undefined;
}

/** A carry of the counting loop. */
interface Cell {
  readonly input: Tensor;
  readonly initial: Tensor;
  readonly leaves: Tensor;
}

/** How many steps run, int32: one number, or `[B]`, the last valid step of each sequence. */
export function countSteps(
  request: ScanRequest,
  step: OpenStep,
  loop: Counted,
  condition: Tensor,
): Tensor {
  const { label } = request;
  const { padding } = loop;
  const until =
    condition.rank === 1 && padding?.batch !== undefined
      ? withBatch(label, "until", condition, 0, padding.batch)
      : condition;
  const perRow = until.shape;
  const flag = (name: string): Tensor => stepInput(label, { dtype: "bool", shape: perRow }, name);
  const count = (name: string): Tensor => stepInput(label, { dtype: "int32", shape: [] }, name);
  const mask =
    padding === undefined
      ? undefined
      : stepInput(label, { dtype: "bool", shape: padding.mask.shape.slice(1) }, "valid");

  const [done, taken] = [flag("done"), count("step")];
  const now = add(taken, 1);
  const running = until.rank === 0 ? undefined : not(done);
  const valid = running === undefined ? mask : mask === undefined ? running : and(running, mask);
  const ended = or(done, valid === undefined || until.rank === 0 ? until : and(valid, until));
  const last = stepInput(label, { dtype: "int32", shape: perRow }, "last step");
  const cells: Cell[] = [
    { input: taken, initial: zeros([], "int32"), leaves: now },
    { input: done, initial: cast(zeros(perRow, "int32"), "bool"), leaves: ended },
    {
      input: last,
      initial: zeros(perRow, "int32"),
      leaves: valid === undefined || until.rank === 0 ? now : where(valid, now, last),
    },
  ];
  for (const [i, state] of step.states.entries())
    for (const [k, leaves] of advance(label, state, resultOf(step, i), { valid }).entries())
      cells.push({
        input: state.inputs[k] ?? leaves,
        initial: state.initials[k] ?? leaves,
        leaves,
      });
  const updated = step.call.updates.map(([target, value]) => ({
    target,
    ...updateCarry(label, target, value, valid),
  }));
  for (const { target, input, leaves } of updated) cells.push({ input, initial: target, leaves });

  const rows = [
    ...step.rows.flatMap((taps, i) =>
      taps.map((input, k) => ({ input, all: loop.rows[i]?.[k] ?? input })),
    ),
    ...(mask === undefined || padding === undefined ? [] : [{ input: mask, all: padding.mask }]),
    ...(step.reset === undefined || loop.resets === undefined
      ? []
      : [{ input: step.reset, all: loop.resets }]),
  ];
  const stop = all(ended);
  const replaced = new Map(updated.map(({ target, input }) => [target as Tensor, input]));
  const needed = neededCells(cells, stop, last, replaced);
  const args = [...needed.map((cell) => cell.input), ...rows.map((row) => row.input)];
  const captured = capture(
    [...needed.map((cell) => cell.leaves), stop],
    new Set(args),
    step.clock,
    replaced,
  );
  const shared = new Set([taken, ...updated.map(({ input }) => input)]);
  const perSequence = args.filter((input) => !shared.has(input));
  const counted = silenced(captured.outputs, new Set(toposort(captured.outputs)));
  const outputs =
    valid === undefined
      ? counted
      : guardPadding(counted, perSequence, {
          mask: valid,
          live: undefined,
        });
  const results = loopUntil(
    { name: request.name, length: loop.steps },
    {
      consts: captured.outer,
      carries: needed.map((cell) => cell.initial),
      xs: rows.map((row) => row.all),
    },
    { inputs: [...captured.inputs, ...args], outputs },
  );
  return results[needed.findIndex((cell) => cell.input === last)] ?? last;
}

/** The carries that the condition and the count depend on. */
function neededCells(
  cells: readonly Cell[],
  stop: Tensor,
  last: Tensor,
  replaced: ReadonlyMap<Tensor, Tensor>,
): Cell[] {
  const inputs = new Set([...cells.map((cell) => cell.input), ...replaced.keys()]);
  const needed = new Set<Tensor>([last]);
  const pending = [stop, last];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    const cell = cells.find((c) => c.input === tensor);
    for (const leaf of leavesOf([cell?.leaves ?? tensor], inputs)) {
      const input = replaced.get(leaf) ?? leaf;
      if (needed.has(input) || !inputs.has(input)) continue;
      needed.add(input);
      pending.push(input);
    }
  }
  return cells.filter((cell) => needed.has(cell.input));
}

/** The number of steps as a size; undefined where it changes from step to step of a scan around this one. */
export function stepsFrom(ends: Tensor): Size | undefined {
  const isInside = leavesOf([ends]).some((leaf) => scanOfStepArgument(leaf) !== undefined);
  return isInside ? undefined : sizeOf(ends);
}

/** The padding of a loop whose sequences end by themselves after `ends` steps. */
export function endingAt(
  ends: Tensor,
  padding: Padding | undefined,
  steps: Size,
  until: Tensor,
): Padding {
  const { numbers, value } = stepNumbers(steps, ends);
  const before = lt(numbers, value);
  if (padding === undefined)
    return {
      mask: before,
      batch: until.shape[0],
      validSteps: ends,
      isPrefix: true,
      rows: () => [],
    };
  const mask = and(padding.mask, beside(before, padding.mask));
  if (ends.rank > 0) return { ...padding, mask, validSteps: ends };
  const validSteps = padding.isPrefix ? minimum(padding.validSteps, ends) : lastValid(mask);
  return { ...padding, mask, validSteps };
}
