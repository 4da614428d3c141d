/** Loops in fewer words: a map has no state, a fold gives its last value only. */
import { ArgumentError } from "../../errors/errors.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type {
  NonSequencesOption,
  OutputsInfoOption,
  PositionalOptions,
  SequencesOption,
  StepArgs,
  StepOut,
} from "./positional.ts";
import { requireStep } from "./require-step.ts";
import { scanPositional } from "./run-positional.ts";
import type { Outputs, ScanResult, StepResult } from "./types.ts";

type MapOptions<N> = Omit<
  PositionalOptions<never, never, N>,
  "sequences" | "outputsInfo" | "nSteps" | "resets"
>;
type FoldOptions<N> = Omit<PositionalOptions<never, never, N>, "sequences" | "outputsInfo">;

/** The last value of each output of a fold, without a time axis; `updates` as scan's. */
export type FoldResult<R> = Pick<ScanResult<R>, "final" | "updates">;

/**
 * `step` of every element along axis 0 of the sequences: a scan without states.
 *
 * @example map((v) => v.mul(2), x).outputs
 * @throws ArgumentError SCAN_OPTION, SCAN_STEP, SCAN_STEP_ARITY, SCAN_STEP_RESULT, SCAN_ENTRY; ShapeError SCAN_SEQUENCE_RANK
 */
export function map<
  const S extends SequencesOption,
  const N extends NonSequencesOption = undefined,
  const R extends Outputs | undefined = Outputs | undefined,
>(
  step: (...args: StepArgs<S, undefined, N>) => R | StepResult<R>,
  sequences: S,
  options: MapOptions<N> = {},
): ScanResult<R> {
  refuse("map", options, ["sequences", "outputsInfo", "nSteps", "resets"]);
  return run("map", step, { ...options, sequences }) as ScanResult<R>;
}

/**
 * Folds the sequences along axis 0 into the initial values, first element first. The step gets the elements, then the values so far.
 *
 * @example reduce((v, total) => total.add(v), x, constant(0)).final
 * @throws what scan throws
 */
export function reduce<
  const S extends SequencesOption,
  const O extends OutputsInfoOption,
  const N extends NonSequencesOption = undefined,
  const R extends StepOut<O> = StepOut<O>,
>(
  step: (...args: StepArgs<S, O, N>) => R | StepResult<R>,
  sequences: S,
  outputsInfo: O,
  options: FoldOptions<N> = {},
): FoldResult<R> {
  return fold("reduce", step, { sequences, outputsInfo }, options) as FoldResult<R>;
}

/** `reduce` under its other name. */
export function foldl<
  const S extends SequencesOption,
  const O extends OutputsInfoOption,
  const N extends NonSequencesOption = undefined,
  const R extends StepOut<O> = StepOut<O>,
>(
  step: (...args: StepArgs<S, O, N>) => R | StepResult<R>,
  sequences: S,
  outputsInfo: O,
  options: Omit<FoldOptions<N>, "goBackwards"> = {},
): FoldResult<R> {
  refuse("foldl", options, ["goBackwards"]);
  return fold("foldl", step, { sequences, outputsInfo }, options) as FoldResult<R>;
}

/** As `foldl`, last element first. */
export function foldr<
  const S extends SequencesOption,
  const O extends OutputsInfoOption,
  const N extends NonSequencesOption = undefined,
  const R extends StepOut<O> = StepOut<O>,
>(
  step: (...args: StepArgs<S, O, N>) => R | StepResult<R>,
  sequences: S,
  outputsInfo: O,
  options: Omit<FoldOptions<N>, "goBackwards"> = {},
): FoldResult<R> {
  refuse("foldr", options, ["goBackwards"]);
  const given = { sequences, outputsInfo, goBackwards: true };
  return fold("foldr", step, given, options) as FoldResult<R>;
}

interface Loop {
  readonly outputs: unknown;
  readonly final: unknown;
  readonly updates: ScanResult<Tensor>["updates"];
}

function fold(word: string, step: unknown, given: object, options: object): unknown {
  refuse(word, options, ["sequences", "outputsInfo"]);
  const { final, updates } = run(word, step, { ...options, ...given });
  return { final, updates };
}

function run(word: string, step: unknown, options: object): Loop {
  return scanPositional(requireStep(word, step), options, word);
}

/** What these words say already. @throws ArgumentError SCAN_OPTION */
function refuse(word: string, options: object, fixed: readonly string[]): void {
  const given = fixed.find((name) => Reflect.get(options, name) !== undefined);
  if (given !== undefined)
    throw new ArgumentError("SCAN_OPTION", `${word}: there is no option ${given}`, {
      hint: "use scan, which has it",
    });
}
