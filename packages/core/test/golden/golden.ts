/** Runs cases computed by Theano 1.0.5 against our own builders; see `readCases`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import {
  add,
  evaluate,
  grad,
  NDArray,
  shared,
  sqr,
  sum,
  tensor,
  type DType,
  type Nested,
  type Shared,
  type Tensor,
  type Update,
} from "../../src/index.ts";

/** Where the cases are, if they are: a clone of the repository alone has none, and the tests skip. */
export const goldenFolder = fileURLToPath(new URL("../../../../../shared/golden", import.meta.url));

export interface GoldenArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: GoldenData;
}
type GoldenData = number | boolean | string | readonly GoldenData[];
type GoldenArrays = Readonly<Record<string, GoldenArray>>;

export interface GoldenRun {
  readonly calls: readonly { readonly inputs: GoldenArrays; readonly outputs: GoldenArrays }[];
  readonly shared_before?: GoldenArrays;
  readonly shared_after?: GoldenArrays;
}
export interface GoldenCase {
  readonly id: string;
  readonly runs?: Readonly<Record<Precision, GoldenRun>>;
  readonly tolerance?: Readonly<Record<Precision, number>>;
  readonly expected_error?: unknown;
}
export type Precision = "float64" | "float32";

export function readCases(): GoldenCase[] {
  if (!existsSync(goldenFolder)) return [];
  const files = readdirSync(goldenFolder).filter((file) => file.endsWith(".json"));
  return files
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(goldenFolder, file), "utf8")) as GoldenCase);
}

/** A graph in our words: what compile would take. */
export interface Built {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates?: readonly Update[];
}
export interface BuiltCase extends Required<Built> {
  readonly inputs: Readonly<Record<string, Tensor>>;
}
export type Builder = (make: Make) => Built;

/** Makes the inputs and shared variables of a case, by name, with the types that it records. */
export class Make {
  readonly float: Precision;
  readonly inputs = new Map<string, Tensor>();
  readonly variables = new Map<string, Shared>();
  readonly #run: GoldenRun;

  constructor(float: Precision, run: GoldenRun) {
    this.float = float;
    this.#run = run;
  }

  /** The input `name`; its sizes are known at the call only. */
  in(name: string): Tensor {
    const recorded = this.#run.calls[0]?.inputs[name];
    if (recorded === undefined) throw new Error(`the case has no input ${name}`);
    const made =
      this.inputs.get(name) ??
      tensor<DType>(name, { shape: recorded.shape.map(() => null), dtype: dtypeOf(recorded) });
    this.inputs.set(name, made);
    return made;
  }

  /** Several inputs. */
  all<const N extends readonly string[]>(...names: N): { [K in keyof N]: Tensor } {
    return names.map((name) => this.in(name)) as { [K in keyof N]: Tensor };
  }

  /** The shared variable `name`. */
  shared(name: string): Shared {
    const recorded = this.#run.shared_before?.[name];
    if (recorded === undefined) throw new Error(`the case has no shared variable ${name}`);
    const made = this.variables.get(name) ?? shared<DType>(toArray(recorded), { name });
    this.variables.set(name, made);
    return made;
  }
}

type Arrays = Readonly<Record<string, NDArray>>;

/** An executor of built cases: the reference evaluator, or a backend. */
export type Prepare = (built: BuiltCase) => Promise<(inputs: Arrays) => Arrays | Promise<Arrays>>;

/** Outputs and updates by the reference implementations; updates are written after all is computed. */
export const onReference: Prepare =
  async ({ outputs, updates, inputs }) =>
  (values) => {
    const given = new Map(
      Object.entries(values).map(([name, value]) => [inputs[name] ?? name, value]),
    );
    const results = evaluate(
      [...Object.values(outputs), ...updates.map(([, value]) => value)],
      given,
    );
    const names = Object.keys(outputs);
    for (const [i, [target]] of updates.entries())
      target.set(results[names.length + i] ?? target.get());
    return Object.fromEntries(
      names.map((name, i) => [name, results[i] ?? fail(`no result ${name}`)]),
    );
  };

/** Runs all calls of a case; returns what differs, in words. */
export async function runCase(
  golden: GoldenCase,
  float: Precision,
  builder: Builder,
  prepare: Prepare,
  partial: boolean,
): Promise<string[]> {
  const run = golden.runs?.[float] ?? fail(`case ${golden.id} has no run ${float}`);
  const make = new Make(float, run);
  const { outputs, updates = [] } = builder(make);
  const call = await prepare({ inputs: Object.fromEntries(make.inputs), outputs, updates });
  const tolerance = golden.tolerance?.[float] ?? 1e-9;
  const faults: string[] = [];
  for (const [i, { inputs, outputs: wanted }] of run.calls.entries()) {
    const used = Object.entries(inputs).filter(([name]) => make.inputs.has(name));
    const got = await call(Object.fromEntries(used.map(([name, value]) => [name, toArray(value)])));
    for (const [name, want] of Object.entries(wanted)) {
      const result = got[name];
      if (result !== undefined)
        faults.push(...compare(`call ${i}: ${name}`, want, result, tolerance));
      else if (!partial) faults.push(`call ${i}: ${name} is not built`);
    }
  }
  for (const [name, want] of Object.entries(run.shared_after ?? {})) {
    const variable = make.variables.get(name);
    if (variable !== undefined)
      faults.push(...compare(`after: ${name}`, want, await variable.read(), tolerance));
  }
  return faults;
}

function compare(what: string, want: GoldenArray, got: NDArray, tolerance: number): string[] {
  if (want.shape.join() !== got.shape.join())
    return [`${what}: shape [${got.shape.join()}] instead of [${want.shape.join()}]`];
  const numbers = [...flat(want.data)];
  const wrong = numbers.findIndex((x, i) => !isNear(got.data[i] ?? Number.NaN, x, tolerance));
  return wrong < 0
    ? []
    : [`${what}: element ${wrong} is ${got.data[wrong]} instead of ${numbers[wrong]}`];
}

function isNear(got: number, want: number, tolerance: number): boolean {
  return (
    Object.is(got, want) ||
    got === want ||
    Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want))
  );
}

function* flat(data: GoldenData): Generator<number> {
  if (typeof data === "object") for (const row of data) yield* flat(row);
  else yield Number(data);
}

/** Integers of other widths become int32. */
function dtypeOf({ dtype }: GoldenArray): DType {
  if (dtype === "float32" || dtype === "float64" || dtype === "bool") return dtype;
  return "int32";
}

function toArray(array: GoldenArray): NDArray {
  const numbers = [...flat(array.data)];
  switch (dtypeOf(array)) {
    case "float32":
      return new NDArray("float32", array.shape, Float32Array.from(numbers));
    case "float64":
      return new NDArray("float64", array.shape, Float64Array.from(numbers));
    case "int32":
      return new NDArray("int32", array.shape, Int32Array.from(numbers));
    case "bool":
      return new NDArray("bool", array.shape, Uint8Array.from(numbers));
  }
}

function fail(message: string): never {
  throw new Error(message);
}

/** Entries `d(cost)/d(name)` as the cases call them. */
export function gradients(
  cost: Tensor,
  wrt: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const found = grad(cost, Object.values(wrt), { disconnectedInputs: "ignore" });
  return Object.fromEntries(
    Object.keys(wrt).map((name, i) => [`d(cost)/d(${name})`, found[i] ?? fail(name)]),
  );
}

export const sumOfSquares = (...xs: readonly Tensor[]): Tensor =>
  xs.map((x): Tensor => sum(sqr(x))).reduce((a, b) => add(a, b));

export type { Nested };
