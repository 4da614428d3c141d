/** scan: one step of a recurrence, written once, becomes a loop in the graph. */
import { ArgumentError } from "../../errors/errors.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { NamedResult, NamedSequence, NamedSpec, NamedState } from "./named.ts";
import type {
  NonSequencesOption,
  OutputsInfoOption,
  PositionalOptions,
  SequencesOption,
  StepArgs,
  StepOut,
} from "./positional.ts";
import { requireStep } from "./require-step.ts";
import { scanNamed } from "./run-named.ts";
import { scanPositional } from "./run-positional.ts";
import type { ScanResult, StepResult } from "./types.ts";

/**
 * Runs `step` along axis 0 of the sequences, feeding states back.
 *
 * Named form: `step` gets a record of rows, states and non-sequences and returns a record; keys that are no states are outputs
 * without feedback. Positional form (Theano's): `step` gets every tap of every sequence, every tap of every state, then the
 * non-sequences. `outputs` have a new axis 0 of `T` steps; the initial state is not among them. It means:
 *
 *     for (let t = 0; t < T; t++) { h = step(x[t], h); outputs[t] = h; }
 *
 * The step is called once, to build the graph (again only where a state begins as a number); tensors that it captures are found.
 * @example const { outputs, final } = scan({ sequences: { x }, init: { h: h0 }, step: ({ x, h }) => ({ h: tanh(x.dot(W).add(h.dot(U))) }) });
 * @throws ShapeError SCAN_CARRY, SCAN_INITIAL, SCAN_LENGTH, SCAN_SEQUENCE_RANK, SCAN_MASK, SCAN_BATCH; DTypeError SCAN_CARRY, SCAN_NSTEPS, SCAN_MASK;
 * ArgumentError SCAN_OPTION, SCAN_STEP, SCAN_STEP_ARITY, SCAN_STEP_RESULT, SCAN_OUTPUT_COUNT, SCAN_TAPS, SCAN_NSTEPS, SCAN_NO_LENGTH,
 * SCAN_STRICT, SCAN_ENTRY, SCAN_UPDATES_LOST; UnsupportedError SCAN_OPTION, SCAN_NSTEPS
 */
export function scan<
  const S extends Readonly<Record<string, NamedSequence>> = {},
  const I extends Readonly<Record<string, NamedState>> = {},
  const N extends Readonly<Record<string, Tensor | number>> = {},
  R extends { readonly [K in keyof I]: Tensor } & Readonly<Record<string, Tensor>> = {
    readonly [K in keyof I]: Tensor;
  },
>(spec: NamedSpec<S, I, N, R>): NamedResult<I, R>;
export function scan<
  const S extends SequencesOption = undefined,
  const O extends OutputsInfoOption = undefined,
  const N extends NonSequencesOption = undefined,
  const R extends StepOut<O> = StepOut<O>,
>(
  step: (...args: StepArgs<S, O, N>) => R | StepResult<R>,
  options: PositionalOptions<S, O, N>,
): ScanResult<R>;
export function scan(first: unknown, options: unknown = {}): unknown {
  if (typeof first === "object" && first !== null) return refuseLists(scanNamed(first));
  const step = requireStep("scan", first);
  if (typeof options !== "object" || options === null)
    throw new ArgumentError(
      "SCAN_OPTION",
      `scan: options must be an object, got ${String(options)}`,
    );
  return refuseLists(scanPositional(step, options));
}

/** Theano's scan gives a pair: taking a result apart as one is answered in words. */
function refuseLists<R extends object>(result: R): R {
  return Object.defineProperty(result, Symbol.iterator, {
    value() {
      throw new ArgumentError("SCAN_RESULT", "the result of scan is a record, not a list", {
        hint: "const { outputs, final, updates } = scan(...)",
      });
    },
  });
}
