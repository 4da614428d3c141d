/**
 * Rows of core's op table on a backend: values and gradients in float32 against the reference in float64, each within the row's
 * tolerance. Many rows make one function, since a driver takes its time over each.
 */
import type { Backend } from "@scan-train/core/backend-kit";
import {
  compile,
  evaluate,
  grad,
  NDArray,
  sqr,
  sum,
  tensor,
  type DType,
  type Tensor,
} from "../../../core/src/index.ts";
import { opFamilies, type OpSpec } from "../../../core/test/ops/specs.ts";
import { exact, type Tolerance } from "./case.ts";
import { differences, type Check } from "./check.ts";

type Float = "float32" | "float64";

/** A case of a row. */
interface RowCase {
  readonly label: string;
  readonly spec: OpSpec;
  /** Floating ones hold float32 numbers, whatever their dtype. */
  readonly arrays: readonly NDArray[];
}

interface Entry {
  readonly label: string;
  readonly tensor: Tensor;
  readonly tolerance: Tolerance;
}

interface Graph {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly values: Readonly<Record<string, NDArray>>;
  readonly entries: readonly Entry[];
}

const isFloating = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";

/** The array in this precision, all of its numbers float32 ones. */
function inPrecision({ dtype, shape, data }: NDArray, float: Float): NDArray {
  if (!isFloating(dtype)) return new NDArray<DType>(dtype, shape, data);
  const rounded = Float32Array.from(data);
  return new NDArray<DType>(
    float,
    shape,
    float === "float32" ? rounded : Float64Array.from(rounded),
  );
}

/** All the cases in one graph. Axes are named by their size where `isSymbolic`; 0 and 1 stay known. */
function graphOf(cases: readonly RowCase[], float: Float, isSymbolic: boolean): Graph {
  const inputs: Record<string, Tensor> = {};
  const values: Record<string, NDArray> = {};
  const entries: Entry[] = [];
  for (const { label, spec, arrays } of cases) {
    const made = arrays.map((array, i) => {
      const name = `${label}, x${i}`;
      const value = inPrecision(array, float);
      const shape = value.shape.map((n) => (isSymbolic && n > 1 ? `n${n}` : n));
      const x: Tensor = tensor(name, { dtype: value.dtype, shape });
      inputs[name] = x;
      values[name] = value;
      return x;
    });
    const y = spec.build(...made);
    const tolerance = isFloating(y.dtype) ? spec.tolerance : exact;
    entries.push({ label, tensor: y, tolerance });
    const wrt = made.filter((_, i) => spec.wrt.includes(i));
    if (wrt.length === 0) continue;
    const slopes = grad(sum(sqr(y)), wrt, { disconnectedInputs: "ignore" });
    for (const [i, slope] of slopes.entries())
      entries.push({ label: `${label}, gradient ${i}`, tensor: slope, tolerance: spec.tolerance });
  }
  return { inputs, values, entries };
}

async function checkRows(
  cases: readonly RowCase[],
  isSymbolic: boolean,
  backend: Backend,
): Promise<readonly string[]> {
  const double = graphOf(cases, "float64", isSymbolic);
  const given = new Map(
    Object.entries(double.inputs).map(([name, x]) => [x, double.values[name] ?? fail(name)]),
  );
  const wanted = evaluate(
    double.entries.map((entry) => entry.tensor),
    given,
  );
  const { inputs, values, entries } = graphOf(cases, "float32", isSymbolic);
  const outputs = Object.fromEntries(entries.map(({ label, tensor: y }) => [label, y]));
  const spec = { inputs, outputs, unusedInputs: "ignore", name: "rows" } as const;
  // These graphs are made by core's sources, whose WebAssembly is the one that they can have.
  const call = await compile(backend.name === "wasm" ? spec : { ...spec, backend });
  try {
    const got = await call(values);
    return entries.flatMap(({ label, tolerance }, i) =>
      differences(label, wanted[i], got[label], tolerance),
    );
  } finally {
    call.dispose();
  }
}

function fail(name: string): never {
  throw new RangeError(`no value for ${name}`);
}

/** Rows that are of float64 whatever their inputs: GPUs refuse them, and core's own tests run them. */
const ofFloat64 = new Set(["uniform of float64", "gumbel of float64"]);

function casesOf(specs: readonly OpSpec[]): readonly RowCase[] {
  return specs
    .filter(({ name }) => !ofFloat64.has(name))
    .flatMap((spec) =>
      spec.cases.map((arrays) => {
        const types = arrays.map(
          (x) => `${x.dtype.replace("float64", "float")}[${x.shape.join()}]`,
        );
        return { label: `${spec.name} of ${types.join(" and ")}`, spec, arrays };
      }),
    );
}

function chunks<T>(list: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, i) =>
    list.slice(i * length, (i + 1) * length),
  );
}

const casesInFunction = 32;

/** Every row of the table, with sizes known to the compiler and told by calls. */
export const rowChecks: readonly Check[] = Object.entries(opFamilies).flatMap(([family, specs]) =>
  [false, true].flatMap((isSymbolic) => {
    const cases = casesOf(specs.filter(({ symbolic }) => symbolic || !isSymbolic));
    return chunks(cases, casesInFunction).map((group, i) => ({
      name: `ops: ${family} ${i + 1}, ${isSymbolic ? "sizes of the call" : "known sizes"}`,
      run: (backend: Backend) => checkRows(group, isSymbolic, backend),
    }));
  }),
);
