/** How a loss depends on what a cell carries, step by step: where gradients vanish or explode, it shows here. */
import { grad } from "../api/grad.ts";
import { scan } from "../api/scan/scan.ts";
import { zeros } from "../api/shapes.ts";
import { ShapeError } from "../errors/errors.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import type { Cell } from "./cell.ts";
import { checkNames, requireTensor } from "./check-options.ts";
import type { Run, RunOptions } from "./sequences.ts";

/** What a cell carries, under the names that it has there. */
type States = { readonly h: Tensor } & Readonly<Record<string, Tensor>>;

/**
 * The derivative of a scalar cost with respect to every state after every step, `[T, B, H]`: through all that follows, for an LSTM
 * through both its states. Rows after a sequence's end are zeros.
 * @param cost builds the scalar from what the cell gave
 * @example
 * const { h } = stateGradients(cell, x, ({ final }) => sum(sqr(sub(output(final.h).squeeze(1), y))), { lengths });
 * const norms = sqrt(sum(sqr(h), -1)); // [T, B]
 * @throws ArgumentError LAYER_OPTION, OPERAND, GRAD_*; ShapeError RUN_INPUT
 */
export function stateGradients<S extends States>(
  cell: Cell<S>,
  x: Tensor,
  cost: (run: Run<S>) => Tensor,
  options?: RunOptions,
): S;
export function stateGradients(
  cell: Cell<States>,
  x: Tensor,
  cost: (run: Run<States>) => Tensor,
  options: RunOptions = {},
): Readonly<Record<string, Tensor>> {
  checkNames("stateGradients", options, ["lengths", "mask", "goBackwards", "memory"]);
  requireTensor("stateGradients: the input", x);
  const [steps, batch] = x.shape;
  if (steps === undefined || batch === undefined)
    throw new ShapeError(
      "RUN_INPUT",
      `stateGradients: ${describe(x)} ${printType(x.type)} is no batch of sequences`,
      { hint: "give [T, B, I], or int32 ids [T, B]" },
    );
  const init = cell.init(batch);
  const names = Object.keys(init);
  // Zeros that are added to the states: a change of them is a change of the states.
  const changes = names.map((name) => {
    const { shape, dtype } = stateOf(init, name);
    return zeros([steps, ...shape], dtype);
  });
  const { outputs, final } = scan({
    sequences: {
      x,
      ...Object.fromEntries(names.map((name, i) => [changeOf(name), changes[i] ?? x])),
    },
    init,
    step: (now: Readonly<Record<string, Tensor>>) => {
      const state: States = cell.step({ ...now, x: stateOf(now, "x"), h: stateOf(now, "h") });
      return withH(
        Object.fromEntries(
          names.map((name) => [name, add(stateOf(state, name), stateOf(now, changeOf(name)))]),
        ),
      );
    },
    ...options,
  });
  const gradients = grad(cost({ outputs: withH(outputs), final: withH(final) }), changes);
  return Object.fromEntries(names.map((name, i) => [name, gradients[i] ?? x]));
}

const changeOf = (state: string): string => `change of ${state}`;

function stateOf(states: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const state = states[name];
  if (state === undefined) throw new RangeError(`the cell carries no ${name}`);
  return state;
}

const withH = (states: Readonly<Record<string, Tensor>>): States => ({
  ...states,
  h: stateOf(states, "h"),
});
