/** What a step on a device reads: the rows of its batch, padded and time-major. */
import { NDArray, type DType } from "@scan-train/core";
import { evaluateSize } from "@scan-train/core/backend-kit";
import type { DatasetParts } from "../data/dataset.ts";
import { gatherInput, shardSteps } from "../data/gather.ts";
import type { StepResult } from "../protocol/coordinator.ts";
import type { DeviceProgram } from "./device-programs.ts";

export function inputsOf(
  { inputs }: DeviceProgram,
  step: StepResult["step"],
  parts: DatasetParts,
  seed: number,
): Readonly<Record<string, NDArray>> {
  const steps = shardSteps(parts, step.rows);
  const sizes = new Map([
    ["T", steps],
    ["B", step.rows.length],
  ]);
  const values: Record<string, NDArray> = {};
  for (const [name, { dtype, shape }] of inputs) {
    const own = shape.map((size) => evaluateSize(size, sizes));
    const length = own.reduce((n, d) => n * d, 1);
    const f32 = new Float32Array(dtype === "float32" ? length : 0);
    const i32 = new Int32Array(dtype === "float32" ? 0 : length);
    const f64 = new Float64Array(dtype === "float64" ? length : 0);
    const views = { f32, i32, f64 };
    gatherInput(name, { parts, step, rows: step.rows, steps, seed, poke: {} }, views, 0);
    const data = { float32: f32, float64: f64, int32: i32, bool: Uint8Array.from(i32) }[dtype];
    values[name] = new NDArray<DType>(dtype, own, data);
  }
  return values;
}
