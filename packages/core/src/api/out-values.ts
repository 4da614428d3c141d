/** The arrays that a caller gives for results. */
import { ArgumentError } from "../errors/errors.ts";
import { suggest } from "../errors/nearest.ts";
import type { DataOf, DType } from "../graph/dtype.ts";
import { NDArray } from "../graph/ndarray.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OutArray, OutArrays } from "../runtime/out-arrays.ts";
import { describeValue, dtypeOfData, isRecord } from "./values.ts";

/** What may take the result of an output; a call looks whether the types agree, lest functions of particular types fit no general one. */
export type OutValue = NDArray | DataOf[DType];

/** How a call is made. */
export interface CallOptions<O> {
  /**
   * Arrays that take the results named: typed arrays of as many elements, or arrays of the same shape, such as an earlier call gave. The
   * call allocates nothing for them, and its results are views of them. Where a call throws, nothing was written.
   * @example
   * const h = new Float32Array(T * H);
   * step({ x }, { out: { h } });
   */
  readonly out?: { readonly [K in keyof O]?: OutValue };
}

const arrayNames = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  bool: "Uint8Array",
} as const;

const none: OutArrays = [];

/** By place of the output. @throws ArgumentError CALL_OUT for names that are no outputs, other types, and memory given twice */
export function outArraysOf(
  label: string,
  outputs: readonly (readonly [string, Tensor])[],
  options: unknown,
): OutArrays {
  if (options === undefined) return none;
  const given = outOf(label, options);
  for (const name in given)
    if (Object.hasOwn(given, name) && !outputs.some((output) => output[0] === name))
      throw new ArgumentError("CALL_OUT", `${label} has no output "${name}"`, {
        hint:
          outputs.length === 0
            ? "it has no outputs"
            : suggest(
                name,
                outputs.map((output) => output[0]),
              ),
      });
  const arrays = outputs.map(([name, { dtype }]): OutArray | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    const array = value instanceof NDArray ? value : dataArray(value);
    if (array !== undefined && dtypeOfData(array.data) === dtype) return array;
    const came = Array.isArray(value) ? "a list" : describeArray(value);
    throw new ArgumentError(
      "CALL_OUT",
      `${label}: out "${name}" holds ${dtype}, which ${came} does not`,
      { hint: `give ${withArticle(arrayNames[dtype])} of as many elements, or an earlier result` },
    );
  });
  refuseOverlap(label, outputs, arrays);
  return arrays;
}

function outOf(label: string, options: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(options) && hasOnlyOut(options)) {
    const { out = {} } = options;
    if (isRecord(out)) return out;
  }
  throw new ArgumentError(
    "CALL_OUT",
    `${label} takes, after its inputs, only { out: arrays by name }`,
    {
      hint: `call it with (inputs, { out: { name: array } })`,
    },
  );
}

function hasOnlyOut(options: Readonly<Record<string, unknown>>): boolean {
  for (const key in options) if (key !== "out") return false;
  return true;
}

const withArticle = (name: string): string => `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;

function describeArray(value: unknown): string {
  const data = value instanceof NDArray ? value.data : value;
  return ArrayBuffer.isView(data) ? withArticle(data.constructor.name) : describeValue(data);
}

function dataArray(data: unknown): OutArray | undefined {
  const isData =
    data instanceof Float32Array ||
    data instanceof Float64Array ||
    data instanceof Int32Array ||
    data instanceof Uint8Array;
  return isData ? { data } : undefined;
}

function refuseOverlap(
  label: string,
  outputs: readonly (readonly [string, Tensor])[],
  arrays: OutArrays,
): void {
  for (let i = 1; i < arrays.length; i++)
    for (let j = 0; j < i; j++) {
      const [a, b] = [arrays[i], arrays[j]];
      if (a === undefined || b === undefined || !overlap(a.data, b.data)) continue;
      throw new ArgumentError(
        "CALL_OUT",
        `${label}: out "${outputs[j]?.[0]}" and "${outputs[i]?.[0]}" share memory`,
        { hint: "give each result an array of its own" },
      );
    }
}

function overlap(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return (
    a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  );
}
