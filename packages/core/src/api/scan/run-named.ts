/** The named form: a record of arguments, a record of results. */
import { ArgumentError } from "../../errors/errors.ts";
import { Tensor } from "../../graph/tensor.ts";
import { nearest } from "../../errors/nearest.ts";
import { scanLabel } from "../../ops/scan/scan-params.ts";
import { buildScan } from "./build.ts";
import { isInitial, isTensor, parseEntry, parseNonSequence, type ParsedEntry } from "./entries.ts";
import type { StepCall } from "./open-step.ts";
import { checkOptions } from "./options.ts";
import { stepOutputs, type StepOutputs } from "./step-outputs.ts";
import type { RawOptions } from "./run-positional.ts";
import type { Update } from "./types.ts";

type Named<V> = ParsedEntry<V> & { readonly name: string };

/** scan({ sequences, init, nonSequences, step, ... }). */
export function scanNamed(spec: RawOptions): {
  outputs: Record<string, Tensor>;
  final: Record<string, Tensor>;
  updates: readonly Update[];
} {
  const scanName = typeof spec.name === "string" ? spec.name : undefined;
  const label = scanLabel(scanName);
  checkOptions("named", label, spec);
  const { step } = spec;
  if (typeof step !== "function")
    throw new ArgumentError("SCAN_STEP", `${label}: step must be a function, got ${typeof step}`);
  const sequences = entriesOf(label, "sequences", spec.sequences).map(
    ([name, entry]): Named<Tensor> => ({
      name,
      ...parseEntry(`${label}: sequences.${name}`, entry, "input", 0, isTensor),
    }),
  );
  const states = entriesOf(label, "init", spec.init).map(
    ([name, entry]): Named<Tensor | number> => ({
      name,
      ...parseEntry(`${label}: init.${name}`, entry, "initial", -1, isInitial),
    }),
  );
  const partners = [...sequences, ...states].map((entry) => entry.value);
  const nonSequences = entriesOf(label, "nonSequences", spec.nonSequences).map(
    ([name, x]): [string, Tensor] => [
      name,
      parseNonSequence(`${label}: nonSequences.${name}`, x, partners),
    ],
  );

  const argumentNames = [
    ...[...sequences, ...states].flatMap((entry) => namesOf(label, entry)),
    ...nonSequences.map(([name]) => name),
  ];
  const twice = argumentNames.find((name, i) => argumentNames.indexOf(name) < i);
  if (twice !== undefined)
    throw new ArgumentError("SCAN_NAME_TWICE", `${label}: "${twice}" is used twice`, {
      hint: "sequences, states, their taps and non-sequences need different names",
    });

  const run = (
    rows: readonly (readonly Tensor[])[],
    past: readonly (readonly Tensor[])[],
  ): StepCall => {
    const values = [...rows.flat(), ...past.flat(), ...nonSequences.map(([, x]) => x)];
    const args = new Map(argumentNames.map((name, i) => [name, values[i]]));
    const returned: unknown = step(strictRecord(label, args));
    return matchStates(label, stepOutputs(label, returned), states);
  };
  let call: StepCall | undefined;
  const built = buildScan({
    label,
    name: scanName,
    options: spec,
    sequences: sequences.map(({ name, value, taps }) => ({
      label: `sequence "${name}"`,
      name,
      input: value,
      taps,
    })),
    states: states.map(({ name, value, taps }) => ({
      label: `state "${name}"`,
      place: `init.${name}`,
      name,
      initial: value,
      taps,
    })),
    listed: new Set(nonSequences.map(([, x]) => x)),
    run: (rows, past) => (call = run(rows, past)),
  });
  const outputs = call?.outputs ?? [];
  const record = (
    tensors: readonly Tensor[],
    keep: (state: number | undefined) => boolean,
  ): Record<string, Tensor> =>
    Object.fromEntries(
      outputs.flatMap(({ name, state }, i) => {
        const tensor = tensors[i];
        return name === undefined || tensor === undefined || !keep(state) ? [] : [[name, tensor]];
      }),
    );
  return {
    outputs: record(built.outputs, () => true),
    final: record(built.final, (state) => state !== undefined),
    updates: built.updates,
  };
}

function entriesOf(label: string, option: string, value: unknown): [string, unknown][] {
  if (value === undefined) return [];
  if (
    typeof value !== "object" ||
    value === null ||
    Array.isArray(value) ||
    value instanceof Tensor
  )
    throw new ArgumentError(
      "SCAN_ENTRY",
      `${label}: ${option} must be a record in the named form`,
      { hint: `${option}: { name: tensor }` },
    );
  return Object.entries(value);
}

/** The names under which a step sees an entry. */
function namesOf(label: string, { name, taps, tapNames }: Named<unknown>): readonly string[] {
  if (tapNames !== undefined) return tapNames;
  if (taps.length === 1) return [name];
  throw new ArgumentError("SCAN_TAPS", `${label}: taps of "${name}" need names in the named form`, {
    hint: `taps: { ${taps.map((tap, i) => `${name}${i + 1}: ${tap}`).join(", ")} }`,
  });
}

/** The arguments as an object that names what it does not have. */
function strictRecord(label: string, args: ReadonlyMap<string, Tensor | undefined>): object {
  return new Proxy(Object.fromEntries(args), {
    get(target, key) {
      if (typeof key === "string" && !args.has(key)) {
        const meant = nearest(key, [...args.keys()]);
        throw new ArgumentError(
          "SCAN_STEP_ARGUMENT",
          `${label}: the step has no argument "${key}"`,
          {
            notes: [`it gets: ${args.size === 0 ? "nothing" : [...args.keys()].join(", ")}`],
            ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }),
          },
        );
      }
      return Reflect.get(target, key) as unknown;
    },
  });
}

function matchStates(
  label: string,
  form: StepOutputs,
  states: readonly Named<unknown>[],
): StepCall {
  if (form.kind === "single" || form.kind === "list")
    throw new ArgumentError(
      "SCAN_STEP_RESULT",
      `${label}: in the named form the step returns a record`,
      { hint: "return { h: ... }" },
    );
  const missing = states.find(({ name }) => !form.keys.includes(name));
  if (missing !== undefined)
    throw new ArgumentError(
      "SCAN_STEP_RESULT",
      `${label}: the step does not return state "${missing.name}"`,
      { notes: [`it returns: ${form.keys.join(", ") || "nothing"}`] },
    );
  const outputs = form.tensors.map((tensor, i) => {
    const name = form.keys[i];
    const state = states.findIndex((s) => s.name === name);
    return { label: `output "${name ?? i}"`, name, tensor, state: state < 0 ? undefined : state };
  });
  return { outputs, updates: form.updates, until: form.until };
}
