/** Runs the user's step once over fresh arguments; again where a state began as a number, until its type is known. */
import { ArgumentError } from "../../errors/errors.ts";
import type { DType } from "../../graph/dtype.ts";
import { printType, Tensor, type TensorType } from "../../graph/tensor.ts";
import { tensorClock } from "./capture.ts";
import type { LoopOptions } from "./options.ts";
import { withBatch, type Padding } from "./padding.ts";
import { restarted } from "./resets.ts";
import type { SequenceEntry } from "./sequences.ts";
import { initialRegisters, registersOfNumber, type StateEntry } from "./states.ts";
import { noteStepArgument } from "./step-arguments.ts";
import type { Update } from "./types.ts";

/** One result of a step. */
export interface StepOutput {
  readonly label: string;
  readonly name: string | undefined;
  readonly tensor: Tensor;
  /** Which state it is the new value of. */
  readonly state: number | undefined;
}
export interface StepCall {
  readonly outputs: readonly StepOutput[];
  readonly updates: readonly Update[];
  /** The loop, or a sequence's part in it, ends after the step that makes it true. */
  readonly until: Tensor | undefined;
}

/** A scan in either form, taken apart. */
export interface ScanRequest {
  /** How messages call it: `scan "rnn"`. */
  readonly label: string;
  readonly name: string | undefined;
  readonly options: LoopOptions;
  /** A step of it is a chunk of another loop: see `ScanParams.checkpoint`. */
  readonly checkpoint?: boolean;
  readonly sequences: readonly SequenceEntry[];
  readonly states: readonly StateEntry[];
  /** What `nonSequences` lists. */
  readonly listed: ReadonlySet<Tensor>;
  /** Calls the user's step with the rows of each sequence and the past values of each state, in the order of their taps. */
  readonly run: (
    rows: readonly (readonly Tensor[])[],
    past: readonly (readonly Tensor[])[],
  ) => StepCall;
}

/** A state while its step is open; the newest register comes first. */
export interface OpenState {
  readonly entry: StateEntry;
  readonly initials: readonly Tensor[];
  readonly inputs: readonly Tensor[];
  /** What the step sees: the inputs, or the initial values where a reset says so. */
  readonly entered: readonly Tensor[];
}
export interface OpenStep {
  /** Tensors with greater ids were made by the step. */
  readonly clock: number;
  readonly states: readonly OpenState[];
  readonly rows: readonly (readonly Tensor[])[];
  /** Whether states begin anew in this step. */
  readonly reset: Tensor | undefined;
  readonly call: StepCall;
}
/** What a step is opened beside. */
export interface StepFrame {
  readonly padding: Padding | undefined;
  readonly resets: Tensor | undefined;
}

/** A fresh block input; `called` is what messages say where it has no name. */
export function stepInput(
  label: string,
  type: TensorType,
  name: string | undefined,
  called?: string,
): Tensor {
  const input = new Tensor(
    type,
    { kind: "input", ...(called === undefined ? {} : { called }) },
    name,
  );
  noteStepArgument(input, label);
  return input;
}

/** @param rows for each sequence and tap the rows of all steps */
export function openStep(
  request: ScanRequest,
  rows: readonly (readonly Tensor[])[],
  frame: StepFrame,
): OpenStep {
  const { label, states } = request;
  const numbers = states.flatMap(({ initial }, i) =>
    typeof initial === "number" ? [{ i, initial }] : [],
  );
  if (numbers.length === 0) return runStep(request, rows, frame, []);
  const guess = (fraction: DType): TensorType[] =>
    states.map(({ initial }) => ({
      dtype: Number.isInteger(initial) ? fraction : "float32",
      shape: [],
    }));
  let types = guess("int32");
  let step = firstOf(
    () => runStep(request, rows, frame, types),
    () => runStep(request, rows, frame, (types = guess("float32"))),
  );
  for (let round = 0; round < 4; round++) {
    const found = types.map((type, i) =>
      numbers.some((n) => n.i === i) ? (resultOf(step, i)?.type ?? type) : type,
    );
    if (found.every((type, i) => printKey(type) === printKey(types[i]))) return step;
    types = found;
    step = runStep(request, rows, frame, types);
  }
  const [first] = numbers;
  throw new ArgumentError(
    "SCAN_INITIAL_NUMBER",
    `${label}: ${states[first?.i ?? 0]?.place ?? "a state"} is a number, and the type of its state does not settle`,
    {
      notes: [
        `the last try gave ${printType(resultOf(step, first?.i ?? 0)?.type ?? { dtype: "float32", shape: [] })}`,
      ],
      hint: "give the initial state as a tensor: zeros([B, H])",
    },
  );
}

/** An integer may begin an int32 or a float32 state: tries one, then the other. */
function firstOf<T>(one: () => T, other: () => T): T {
  try {
    return one();
  } catch {
    return other();
  }
}

const printKey = (type: TensorType | undefined): string =>
  type === undefined ? "" : `${type.dtype}[${type.shape.map((d) => d.key).join()}]`;

/** The new value of a state. */
export function resultOf(step: OpenStep, state: number): Tensor | undefined {
  return step.call.outputs.find((output) => output.state === state)?.tensor;
}

function runStep(
  request: ScanRequest,
  rows: readonly (readonly Tensor[])[],
  frame: StepFrame,
  types: readonly TensorType[],
): OpenStep {
  const { label } = request;
  const { batch } = frame.padding ?? {};
  const initials = request.states.map((entry, i) => {
    if (typeof entry.initial === "number")
      return registersOfNumber(entry, entry.initial, types[i] ?? { dtype: "float32", shape: [] });
    const registers = initialRegisters(label, entry, entry.initial);
    return batch === undefined
      ? registers
      : registers.map((x) => withBatch(label, entry.place, x, 0, batch));
  });
  const clock = tensorClock();
  const rowInputs = request.sequences.map(({ label: sequence, name, taps }, i) =>
    taps.map((tap, k) => {
      const all = rows[i]?.[k];
      return stepInput(
        label,
        { dtype: all?.dtype ?? "float32", shape: all?.shape.slice(1) ?? [] },
        name === undefined ? undefined : `${name}[t${offset(tap)}]`,
        `${sequence} at t${offset(tap)}`,
      );
    }),
  );
  const reset =
    frame.resets === undefined
      ? undefined
      : stepInput(label, { dtype: "bool", shape: frame.resets.shape.slice(1) }, "reset");
  const states = request.states.map((entry, i): OpenState => {
    const registers = initials[i] ?? [];
    const inputs = registers.map((x, k) =>
      stepInput(
        label,
        x.type,
        entry.name === undefined ? undefined : `${entry.name}[t${offset(-1 - k)}]`,
        `${entry.label} (${entry.place}) at t${offset(-1 - k)}`,
      ),
    );
    const entered =
      reset === undefined
        ? inputs
        : inputs.map((x, k) => restarted(label, entry, reset, registers[k] ?? x, x));
    return { entry, initials: registers, inputs, entered };
  });
  const past = states.map(({ entry, entered }) =>
    entry.taps.flatMap((tap) => entered[-tap - 1] ?? []),
  );
  return { clock, states, rows: rowInputs, reset, call: request.run(rowInputs, past) };
}

const offset = (tap: number): string => (tap === 0 ? "" : tap > 0 ? `+${tap}` : String(tap));
