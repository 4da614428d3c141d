/** scan in chunks: a gradient remembers the states between chunks, and runs each chunk again. */
import { ArgumentError, UnsupportedError } from "../../errors/errors.ts";
import { unknownOption } from "../../errors/known-options.ts";
import { Tensor } from "../../graph/tensor.ts";
import { sizeValue } from "../../ops/arange.ts";
import { concatenate } from "../../ops/concatenate.ts";
import { reshape } from "../../ops/reshape.ts";
import { sliceAxis } from "../../ops/slice.ts";
import { ceilDivSizes, floorDivSizes, mulSizes, subSizes, type Size } from "../../size/size.ts";
import { isTensor, listOf, parseEntry, isInitial } from "./entries.ts";
import { requireStep } from "./require-step.ts";
import { scanPositional, type AnyStep } from "./run-positional.ts";
import { stepCount } from "./step-count.ts";

export interface ScanCheckpointsOptions {
  /** Sequences of equal length, without taps. */
  readonly sequences?: Tensor | readonly Tensor[];
  /** The initial state, or one for each output of the step. */
  readonly outputsInfo: Tensor | readonly Tensor[];
  readonly nonSequences?: Tensor | readonly Tensor[];
  /** Default: the length of the sequences. */
  readonly nSteps?: number | Tensor<"int32">;
  /** How many steps make a chunk. Default: 10. */
  readonly saveEveryN?: number;
  readonly name?: string;
}

export interface ScanCheckpointsResult {
  /** The states after each chunk, `[ceil(T / N), ...]`: the last row is the last state. */
  readonly outputs: readonly Tensor[];
  readonly final: readonly Tensor[];
}

const known = ["sequences", "outputsInfo", "nonSequences", "nSteps", "saveEveryN", "name"];

/**
 * scan over `T` steps of which only every N-th state is returned, and kept: a gradient needs memory for T / N states and the steps of one chunk,
 * and computes every step twice. Values and gradients are those of scan. With N near the square root of T memory is least
 * (Theano's `scan_checkpoints`; Griewank 1992).
 * @example const { final } = scanCheckpoints(step, { sequences: x, outputsInfo: h0, saveEveryN: 100 });
 * @throws ArgumentError SCAN_OPTION, SCAN_ENTRY, SCAN_NO_LENGTH, SCAN_STEP_RESULT and what scan throws; UnsupportedError SCAN_CHECKPOINTS
 */
export function scanCheckpoints(
  step: (...args: Tensor[]) => Tensor | readonly Tensor[],
  options: ScanCheckpointsOptions,
): ScanCheckpointsResult {
  const given: ScanCheckpointsOptions & { readonly name?: string } = options;
  const unknown = unknownOption(options, known);
  const label =
    unknown === undefined && typeof given.name === "string"
      ? `scanCheckpoints "${given.name}"`
      : "scanCheckpoints";
  if (unknown !== undefined)
    throw new ArgumentError("SCAN_OPTION", `${label} ${unknown.problem}`, unknown);
  const every = chunkSize(label, given.saveEveryN ?? 10);
  const one = onceChecked(label, requireStep(label, step));
  const sequences = listOf(given.sequences).map((x, i) => plainTensor(label, `sequences[${i}]`, x));
  const initials = listOf(given.outputsInfo).map((x, i) =>
    plainTensor(label, `outputsInfo[${i}]`, x),
  );
  if (initials.length === 0)
    throw new ArgumentError("SCAN_OPTION", `${label}: there is no state`, {
      hint: "give outputsInfo: the initial state; without states use map",
    });
  const T = stepsOf(label, given, sequences);
  const chunks = floorDivSizes(T, every);
  const whole = mulSizes(chunks, every);
  const rest = subSizes(T, whole);
  const common = { nonSequences: given.nonSequences, ...nameOf(given.name, "") };

  // Chunks of N steps, and the steps that are left.
  const inChunk = (...args: readonly Tensor[]): Tensor[] => {
    const [rows, states] = [args.slice(0, sequences.length), args.slice(sequences.length)];
    return asList(
      scanPositional(
        one,
        { ...common, sequences: rows, outputsInfo: states, nSteps: every },
        "scanCheckpoints",
      ).final,
    );
  };
  const main = scanPositional(
    inChunk,
    {
      ...nameOf(given.name, " in chunks"),
      sequences: sequences.map((x) => {
        const cut = sliceAxis(x, 0, 0, whole);
        return reshape(cut, [chunks, every, ...x.shape.slice(1)]);
      }),
      outputsInfo: initials,
      nSteps: sizeValue(chunks),
    },
    "scanCheckpoints",
    true,
  );
  const tail = scanPositional(
    one,
    {
      ...common,
      sequences: sequences.map((x) => sliceAxis(x, 0, whole, rest)),
      outputsInfo: asList(main.final),
      nSteps: sizeValue(rest),
    },
    "scanCheckpoints",
  );
  const more = subSizes(ceilDivSizes(T, every), chunks);
  const saved = asList(main.outputs);
  return {
    outputs: asList(tail.outputs).map((rows, i) =>
      concatenate([saved[i] ?? rows, sliceAxis(rows, 0, subSizes(rest, more), more)], 0),
    ),
    final: asList(tail.final),
  };
}

const asList = (x: unknown): Tensor[] => (x instanceof Tensor ? [x] : (x as Tensor[]));

const nameOf = (name: string | undefined, more: string): { readonly name?: string } =>
  name === undefined ? {} : { name: `${name}${more}` };

/** @throws ArgumentError SCAN_OPTION */
function chunkSize(label: string, every: number): number {
  if (Number.isSafeInteger(every) && every > 0) return every;
  throw new ArgumentError("SCAN_OPTION", `${label}: saveEveryN is ${String(every)}`, {
    hint: "give a whole number of steps from 1 on",
  });
}

/** Updates inside chunks would have to be handed on from chunk to chunk. @throws UnsupportedError SCAN_CHECKPOINTS */
function onceChecked(label: string, step: AnyStep): AnyStep {
  return (...args) => {
    const made = step(...args);
    if (made instanceof Tensor || (Array.isArray(made) && made.every((x) => x instanceof Tensor)))
      return made;
    throw new UnsupportedError(
      "SCAN_CHECKPOINTS",
      `${label}: the step returns ${typeof made === "object" ? "updates, a condition or a record" : typeof made}`,
      { hint: "return the new states as a tensor or a list; for anything else use scan" },
    );
  };
}

/** @throws UnsupportedError SCAN_CHECKPOINTS */
function plainTensor(label: string, what: string, entry: unknown): Tensor {
  if (entry instanceof Tensor) return entry;
  const isSequence = what.startsWith("sequences");
  if (isSequence) parseEntry(`${label}: ${what}`, entry, "input", 0, isTensor);
  else if (entry !== null) parseEntry(`${label}: ${what}`, entry, "initial", -1, isInitial);
  throw new UnsupportedError("SCAN_CHECKPOINTS", `${label}: ${what} must be a tensor`, {
    hint: isSequence
      ? "chunks have no taps: give the tensor itself, or use scan"
      : "every output is a state that begins as a tensor; for taps and plain outputs use scan",
  });
}

/** @throws ArgumentError SCAN_NO_LENGTH */
function stepsOf(
  label: string,
  { nSteps }: ScanCheckpointsOptions,
  [first]: readonly Tensor[],
): Size {
  const steps = stepCount(label, nSteps) ?? first?.shape[0];
  if (steps !== undefined) return steps;
  throw new ArgumentError(
    "SCAN_NO_LENGTH",
    `${label}: neither sequences nor nSteps say how many steps to run`,
    {
      hint: "pass nSteps: 10, or a sequence",
    },
  );
}
