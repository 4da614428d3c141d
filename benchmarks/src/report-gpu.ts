/** What RESULTS.md says of the GPU. */
import type { GpuResult } from "./gpu.ts";
import { bandText, figure, table, times } from "./table.ts";

export function gpuSection({
  adapter,
  reason,
  isSoftware,
  encode,
  steps,
}: GpuResult): readonly string[] {
  if (adapter === undefined) return ["## GPU", "", `None here: ${reason}.`];
  const encodeRows = encode.map(({ counters, dispatches, milliseconds }) => [
    counters,
    String(dispatches),
    figure(milliseconds.min),
    figure(milliseconds.median),
    bandText(milliseconds.band),
    `${((1000 * milliseconds.min) / dispatches).toFixed(2)} µs`,
  ]);
  const stepRows = steps.map(({ workload, gigaflop, gpu, wasm }) => [
    workload,
    figure(gpu.min),
    figure(gpu.median),
    figure(wasm.min),
    times(wasm.min / gpu.min),
    `${(gigaflop / gpu.min).toFixed(2)} TFLOP/s`,
  ]);
  return [
    "## GPU",
    "",
    `Adapter: ${adapter}. Encoding is what the calling thread does for a call: sizes known, everything in one pass and one submit.`,
    "",
    ...table(
      ["loop counters", "dispatches", "min", "median", "noise band", "per dispatch"],
      encodeRows,
    ),
    "",
    ...(isSoftware
      ? ["The adapter is software: it proves nothing about speed, so no steps are timed."]
      : [
          "Training steps, loss brought back, beside WebAssembly on one thread in the same run:",
          "",
          ...table(["step", "GPU min", "median", "wasm min", "times faster", "reached"], stepRows),
        ]),
  ];
}
