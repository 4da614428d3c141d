/** A workload as plain numbers, for libraries that build their own graphs of it. */
import type { NDArray } from "@scan-train/core";
import { symmetric } from "./numbers.ts";
import type { Workload } from "./workloads.ts";

export interface Numbers {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface Sizes {
  readonly I: number;
  readonly H: number;
  readonly O: number;
  readonly T: number;
  readonly B: number;
}

export interface PeerTask {
  readonly name: WorkloadName;
  readonly sizes: Sizes;
  /** Wx, Wh, Wo, bo and the cell's biases, as they begin. */
  readonly parameters: Readonly<Record<string, Numbers>>;
  /** Inputs and targets `[T, B, ...]`, tokens and classes as one-hot rows; of S2 the mask `[T, B, 1]` too. */
  readonly values: Readonly<Record<string, Numbers>>;
  /** The learning rate. */
  readonly rate: number;
}

/** A module of `peers/`. */
export interface Peer {
  createStep(task: PeerTask): Promise<() => number>;
  /** A product of two matrices, which gives its first entry. */
  createProduct(a: Numbers, b: Numbers): Promise<() => number>;
}

export type WorkloadName = "S1" | "S2" | "S3" | "S4" | "S5";

interface Shape {
  readonly sizes: Sizes;
  /** How many gates lie side by side in Wx and Wh. */
  readonly gates: number;
  /** Biases of the cell. */
  readonly biases: readonly string[];
}

const lstm = { gates: 4, biases: ["b"] };

const shapes: Readonly<Record<WorkloadName, Shape>> = {
  S1: { sizes: { I: 7, H: 50, O: 7, T: 100, B: 1 }, gates: 1, biases: [] },
  S2: { sizes: { I: 2, H: 100, O: 1, T: 55, B: 100 }, gates: 1, biases: ["bh"] },
  S3: { sizes: { I: 64, H: 128, O: 64, T: 64, B: 32 }, ...lstm },
  S4: { sizes: { I: 64, H: 512, O: 64, T: 64, B: 32 }, ...lstm },
  S5: { sizes: { I: 64, H: 256, O: 64, T: 128, B: 64 }, gates: 3, biases: ["bx", "bh"] },
};

export const workloadNames: readonly WorkloadName[] = ["S1", "S2", "S3", "S4", "S5"];

export function isWorkloadName(name: string): name is WorkloadName {
  return workloadNames.some((known) => known === name);
}

/** The same start and the same data as our own workload has. */
export function peerTask(name: WorkloadName, values: Workload["values"]): PeerTask {
  const { sizes, gates, biases } = shapes[name];
  const { I, H, O } = sizes;
  const limit = gates === 1 ? 0.1 : 1 / Math.sqrt(H);
  return {
    name,
    sizes,
    parameters: {
      Wx: symmetric(1, [I, gates * H], limit),
      Wh: symmetric(2, [H, gates * H], limit),
      Wo: symmetric(3, [H, O], limit),
      ...Object.fromEntries(biases.map((bias) => [bias, zeros([gates * H])])),
      bo: zeros([O]),
    },
    values: plainValues(values, sizes),
    rate: 0.1,
  };
}

const zeros = (shape: readonly number[]): Numbers => ({
  data: new Float32Array(shape.reduce((n, size) => n * size, 1)),
  shape,
});

function plainValues(values: Workload["values"], { T, B, O }: Sizes): Record<string, Numbers> {
  const result: Record<string, Numbers> = {};
  for (const [key, value] of Object.entries(values)) {
    const { data, shape } = arrayOf(key, value);
    if (key === "lengths") result["mask"] = maskOf(data, T, B);
    else if (data instanceof Float32Array) result[key] = { data, shape };
    else result[key] = { data: oneHot(data, O), shape: [...shape, O] };
  }
  return result;
}

type Arrays = Pick<NDArray, "data" | "shape">;

function arrayOf(key: string, value: Workload["values"][string]): Arrays {
  if (typeof value === "object" && "data" in value && "shape" in value) return value;
  throw new TypeError(`the value of "${key}" is not a typed array with a shape`);
}

/** 1 at each index, 0 elsewhere; row-major `[..., count]`. */
export function oneHot(indices: ArrayLike<number>, count: number): Float32Array {
  const data = new Float32Array(indices.length * count);
  for (let i = 0; i < indices.length; i++) data[i * count + (indices[i] ?? 0)] = 1;
  return data;
}

/** `[T, B, 1]`: 1 inside each length, 0 past its end. */
export function maskOf(lengths: ArrayLike<number>, T: number, B: number): Numbers {
  const data = Float32Array.from({ length: T * B }, (_, at) =>
    Math.floor(at / B) < (lengths[at % B] ?? 0) ? 1 : 0,
  );
  return { data, shape: [T, B, 1] };
}
