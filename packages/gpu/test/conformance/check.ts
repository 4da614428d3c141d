/** Runs a case on a backend, and says what differs from the reference. Knows no test runner: it runs in pages and workers, too. */
import {
  compile,
  evaluate,
  NDArray,
  ScanTrainError,
  type DType,
  type Shared,
  type Tensor,
} from "@scan-train/core";
import type { Backend } from "@scan-train/core/backend-kit";
import type { Arrays, Built, ConformanceCase, Float, Tolerance, Values } from "./case.ts";

function arrayOf(dtype: DType, { shape, data }: Values): NDArray {
  const make = {
    float32: () => Float32Array.from(data),
    float64: () => Float64Array.from(data),
    int32: () => Int32Array.from(data),
    bool: () => Uint8Array.from(data),
  };
  return new NDArray<DType>(dtype, shape, make[dtype]());
}

function argumentsOf({ inputs }: Built, values: Readonly<Record<string, Values>>): Arrays {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype }]) => {
      const value = values[name];
      if (value === undefined) throw new RangeError(`no value for ${name}`);
      return [name, arrayOf(dtype, value)];
    }),
  );
}

/** What a backend is held to, by whatever runs tests. */
export interface Check {
  readonly name: string;
  /** What differs, in words; none when the backend computes what it should. */
  readonly run: (backend: Backend) => Promise<readonly string[]>;
}

interface Results {
  readonly calls: readonly Arrays[];
  readonly variables: readonly NDArray[];
}

/** By the ops' references: updates are written after all is computed. */
function byReference(conformance: ConformanceCase, float: Float): Results {
  const built = conformance.build(float);
  const { outputs, updates = [], variables = [] } = built;
  const calls = conformance.calls.slice(0, conformance.fails === undefined ? undefined : -1);
  const results = calls.map((values) => {
    const wanted = [...Object.values(outputs), ...updates.map(([, value]) => value)];
    const given = new Map<Tensor | string, NDArray>();
    for (const [name, array] of Object.entries(argumentsOf(built, values))) {
      const tensor = built.inputs[name];
      if (tensor !== undefined) given.set(tensor, array);
    }
    const computed = evaluate(wanted, given);
    const names = Object.keys(outputs);
    updates.forEach(([target]: readonly [Shared, Tensor], i) => {
      const value = computed[names.length + i];
      if (value !== undefined) target.set(value);
    });
    return Object.fromEntries(
      names.flatMap((name, i) => (computed[i] === undefined ? [] : [[name, computed[i]]])),
    );
  });
  return { calls: results, variables: variables.map((v) => v.get()) };
}

/** What differs, in words; none when the backend computes what it should. */
export async function checkCase(
  conformance: ConformanceCase,
  backend: Backend,
): Promise<readonly string[]> {
  const { name, tolerance, build, calls, fails } = conformance;
  const built = build("float32");
  const { inputs, outputs, variables = [], updates = [] } = built;
  const exactly = tolerance.rtol === 0 && tolerance.atol === 0;
  const wanted = byReference(conformance, exactly ? "float32" : "float64");
  const call = await compile({
    inputs,
    outputs,
    updates,
    backend,
    unusedInputs: "ignore",
    name: name.replaceAll(/\W+/g, "_"),
  });
  const faults: string[] = [];
  try {
    for (const [i, values] of calls.entries()) {
      const isLast = i === calls.length - 1;
      if (fails !== undefined && isLast) {
        const code = await codeOf(async () => call(argumentsOf(built, values)));
        if (code !== fails) faults.push(`call ${i} ends with ${code}, not ${fails}`);
        continue;
      }
      const got: Arrays = await call(argumentsOf(built, values));
      for (const [key, want] of Object.entries(wanted.calls[i] ?? {}))
        faults.push(...differences(`call ${i}: ${key}`, want, got[key], tolerance));
    }
    for (const [i, variable] of variables.entries()) {
      const got = await variable.read();
      const label = `after: ${variable.name ?? i}`;
      faults.push(...differences(label, wanted.variables[i], got, tolerance));
    }
  } finally {
    call.dispose();
  }
  return faults;
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "no error";
  } catch (error) {
    return error instanceof ScanTrainError ? error.code : String(error);
  }
}

/** What is compared of an array, whichever package made it. */
interface Elements {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export function differences(
  label: string,
  want: Elements | undefined,
  got: Elements | undefined,
  { rtol, atol }: Tolerance,
): string[] {
  if (want === undefined || got === undefined) return [`${label} is missing`];
  if (want.shape.join() !== got.shape.join())
    return [`${label} has shape [${got.shape.join()}], not [${want.shape.join()}]`];
  for (let i = 0; i < want.data.length; i++) {
    const [x = NaN, y = NaN] = [got.data[i], want.data[i]];
    const near = Object.is(x, y) || x === y || Math.abs(x - y) <= atol + rtol * Math.abs(y);
    if (!near) return [`${label}[${i}] is ${x}, not ${y}`];
  }
  return [];
}
