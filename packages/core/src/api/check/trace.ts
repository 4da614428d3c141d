/**
 * Where a value that should not be came from: a walk from one element of a result against the flow of data, into the steps of loops,
 * to the op that made it from inputs that were still right. Values come from the reference evaluation, step by step.
 */
import { evaluateGraph } from "../../graph/evaluate.ts";
import type { NDArray } from "../../graph/ndarray.ts";
import { ownerOf, type Apply } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { rowAt } from "../../ops/scan/rows.ts";
import { scanOp } from "../../ops/scan/scan.ts";
import { scanBlock, scanGroups, scanResults, type ScanParams } from "../../ops/scan/scan-params.ts";
import { evaluateSize } from "../../size/size.ts";
import { sourceElement } from "./source-element.ts";
import { valueIn, type Scope, type Spot, type Step, type Wrong } from "./spot.ts";

/** The spot where the wrong value arose: the result of an op whose inputs were right there, or a value given from outside. */
export function traceOrigin(start: Spot, wrong: Wrong): Spot {
  let spot = start;
  for (;;) {
    const next = sourceOf(spot, wrong);
    if (next === undefined) return spot;
    spot = next;
  }
}

/** The wrong element that made this one wrong. */
function sourceOf({ tensor, element, scope }: Spot, wrong: Wrong): Spot | undefined {
  const apply = ownerOf(tensor);
  if (apply === undefined) return fromOutside(tensor, element, scope);
  if (apply.op !== scanOp) return sourceElement({ apply, tensor, element, scope }, wrong);
  const loop = apply as Apply<ScanParams>;
  const { final, saved, ys } = scanResults(loop.params, loop.outputs);
  const block = scanBlock(loop);
  const carry = final.indexOf(tensor);
  if (carry >= 0) return carryAfter(loop, scope, carry, element);
  const [row = 0, ...rest] = element;
  const entering = saved.indexOf(tensor);
  if (entering >= 0) return carryBefore({ loop, outer: scope, row }, entering, rest);
  const y = block.outputs[loop.params.carries + ys.indexOf(tensor)];
  return y && { tensor: y, element: rest, scope: stepScope(loop, scope, row) };
}

/** What an input of a step is outside of it, or in the step before. */
function fromOutside(
  tensor: Tensor,
  element: readonly number[],
  { step }: Scope,
): Spot | undefined {
  if (step === undefined) return undefined;
  const { params } = step.loop;
  const inner = scanGroups(params, scanBlock(step.loop).inputs);
  const outer = scanGroups(params, step.loop.inputs);
  const captured = outer.consts[inner.consts.indexOf(tensor)];
  if (captured !== undefined) return { tensor: captured, element, scope: step.outer };
  const sequence = outer.xs[inner.xs.indexOf(tensor)];
  if (sequence !== undefined)
    return { tensor: sequence, element: [step.row, ...element], scope: step.outer };
  const carry = inner.carries.indexOf(tensor);
  return carry < 0 ? undefined : carryBefore(step, carry, element);
}

/** A carry as the loop leaves it. */
function carryAfter(
  loop: Apply<ScanParams>,
  outer: Scope,
  carry: number,
  element: readonly number[],
): Spot | undefined {
  const steps = stepsOf(loop, outer);
  return leaving(loop, outer, carry, element, loop.params.reverse ? 0 : steps - 1);
}

/** A carry as it enters the step of a row: as the step before left it. */
function carryBefore(
  { loop, outer, row }: Pick<Step, "loop" | "outer" | "row">,
  carry: number,
  element: readonly number[],
): Spot | undefined {
  return leaving(loop, outer, carry, element, loop.params.reverse ? row + 1 : row - 1);
}

function leaving(
  loop: Apply<ScanParams>,
  outer: Scope,
  carry: number,
  element: readonly number[],
  row: number,
): Spot | undefined {
  const isStep = row >= 0 && row < stepsOf(loop, outer);
  const tensor = isStep
    ? scanBlock(loop).outputs[carry]
    : scanGroups(loop.params, loop.inputs).carries[carry];
  return tensor && { tensor, element, scope: isStep ? stepScope(loop, outer, row) : outer };
}

function stepsOf({ params }: Apply<ScanParams>, { sizes }: Scope): number {
  return evaluateSize(params.length, sizes);
}

/** The values of the step of a row: carries as they were saved. */
function stepScope(loop: Apply<ScanParams>, outer: Scope, row: number): Scope {
  const at = (x: Tensor): NDArray => valueIn(outer, x);
  const { consts, xs } = scanGroups(loop.params, loop.inputs);
  const { saved } = scanResults(loop.params, loop.outputs);
  const block = scanBlock(loop);
  const given = [...consts.map(at), ...[...saved, ...xs].map((x) => rowAt(at(x), row))];
  const values = new Map<Tensor, NDArray>();
  for (const [i, input] of block.inputs.entries()) {
    const value = given[i];
    if (value !== undefined) values.set(input, value);
  }
  evaluateGraph(block.outputs, values, outer.sizes);
  return {
    values,
    sizes: outer.sizes,
    step: { loop, outer, row, steps: stepsOf(loop, outer) },
  };
}
