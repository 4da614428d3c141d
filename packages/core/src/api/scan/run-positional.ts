/** The positional form: the step's arguments in Theano's order. */
import { ArgumentError } from "../../errors/errors.ts";
import { Tensor } from "../../graph/tensor.ts";
import { buildScan } from "./build.ts";
import {
  isInitial,
  isTensor,
  listOf,
  parseEntry,
  parseNonSequence,
  type ParsedEntry,
} from "./entries.ts";
import type { StepCall } from "./open-step.ts";
import { checkOptions, type LoopOptions } from "./options.ts";
import type { SequenceEntry } from "./sequences.ts";
import type { StateEntry } from "./states.ts";
import { inSameForm, stepOutputs, type StepOutputs } from "./step-outputs.ts";
import type { Update } from "./types.ts";

/** The options as they come, before any check. */
export type RawOptions = LoopOptions &
  Readonly<
    Partial<
      Record<"sequences" | "outputsInfo" | "nonSequences" | "init" | "step" | "name", unknown>
    >
  >;

export type AnyStep = (...args: readonly Tensor[]) => unknown;

/** scan(step, options); `word` is what messages call the function that the user called. */
export function scanPositional(
  step: AnyStep,
  options: RawOptions,
  word = "scan",
  checkpoint = false,
): { outputs: unknown; final: unknown; updates: readonly Update[] } {
  const name = typeof options.name === "string" ? options.name : undefined;
  const label = name === undefined ? word : `${word} "${name}"`;
  checkOptions("positional", label, options);
  const sequences = listOf(options.sequences).map((entry, i): SequenceEntry => {
    const what = `sequences[${i}]`;
    const { value, taps } = parseEntry(`${label}: ${what}`, entry, "input", 0, isTensor);
    return { label: what, name: value.name, input: value, taps };
  });
  const infos = listOf(options.outputsInfo).map((entry, i): ParsedEntry<Tensor | number> | null =>
    entry === null || entry === undefined
      ? null
      : parseEntry(`${label}: outputsInfo[${i}]`, entry, "initial", -1, isInitial),
  );
  const states = infos.flatMap((info, i) => (info === null ? [] : [stateEntry(info, i)]));
  const partners = [...sequences.map((s) => s.input), ...infos.map((info) => info?.value)];
  const nonSequences = listOf(options.nonSequences).map((x, i) =>
    parseNonSequence(`${label}: nonSequences[${i}]`, x, partners),
  );

  let form: StepOutputs | undefined;
  const run = (
    rows: readonly (readonly Tensor[])[],
    past: readonly (readonly Tensor[])[],
  ): StepCall => {
    const args = [...rows.flat(), ...past.flat(), ...nonSequences];
    if (step.length > args.length)
      throw wrongArity(label, step.length, sequences, states, nonSequences.length);
    form = stepOutputs(label, step(...args));
    return matchOutputs(label, form, infos);
  };
  const built = buildScan({
    label,
    name,
    options,
    checkpoint,
    sequences,
    states,
    listed: new Set(nonSequences),
    run,
  });
  if (form === undefined) throw new ArgumentError("SCAN_STEP", `${label}: the step was not called`);
  return {
    outputs: inSameForm(form, built.outputs),
    final: inSameForm(form, built.final),
    updates: built.updates,
  };
}

function stateEntry({ value, taps }: ParsedEntry<Tensor | number>, i: number): StateEntry {
  const name = value instanceof Tensor ? value.name : undefined;
  return {
    label: `state ${i}${name === undefined ? "" : ` ("${name}")`}`,
    place: `outputsInfo[${i}]`,
    name,
    initial: value,
    taps,
  };
}

/** One output for each entry of `outputsInfo`; any number where there is none. */
function matchOutputs(
  label: string,
  form: StepOutputs,
  infos: readonly (ParsedEntry<unknown> | null)[],
): StepCall {
  if (infos.length > 0 && infos.length !== form.tensors.length)
    throw new ArgumentError(
      "SCAN_OUTPUT_COUNT",
      `${label}: outputsInfo has ${infos.length} entries and the step returns ${form.tensors.length} outputs`,
      {
        hint: "give one entry per output: its initial state, or null when it is not fed back",
      },
    );
  let states = 0;
  const outputs = form.tensors.map((tensor, i) => {
    const state = infos[i] === null || infos[i] === undefined ? undefined : states++;
    const key = form.kind === "record" ? form.keys[i] : undefined;
    return { label: `output ${key === undefined ? i : `"${key}"`}`, name: key, tensor, state };
  });
  return { outputs, updates: form.updates, until: form.until };
}

function wrongArity(
  label: string,
  wanted: number,
  sequences: readonly SequenceEntry[],
  states: readonly StateEntry[],
  others: number,
): ArgumentError {
  const args = [
    ...sequences.map((s) => `${s.label} (taps ${s.taps.join(", ")})`),
    ...states.map((s) => `${s.place} (taps ${s.taps.join(", ")})`),
    ...Array.from({ length: others }, (_, i) => `nonSequences[${i}]`),
  ];
  return new ArgumentError(
    "SCAN_STEP_ARITY",
    `${label}: the step takes ${wanted} arguments and gets fewer`,
    {
      notes: [`it gets: ${args.length === 0 ? "nothing" : args.join("; ")}`],
      hint: "arguments come in this order: every tap of every sequence, every tap of every state, the non-sequences",
    },
  );
}
