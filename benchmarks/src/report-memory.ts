/** What RESULTS.md says of memory. */
import type { MemoryResult } from "./memory.ts";
import { lowerQuartile } from "./statistics.ts";
import { figure, table, times } from "./table.ts";

const kilobytes = (bytes: number): string => figure(bytes / 1024);

export function memorySection(results: readonly MemoryResult[]): readonly string[] {
  return [
    "## Memory",
    "",
    "A training step of S1 to S5, in KiB. *peak* is what `memory()` tells: temporaries and outputs at once, besides inputs and shared",
    "variables. *States* are those of all steps (h, of an LSTM also c), which the way back needs at least where nothing is computed twice;",
    "gates, logits and gradients come on top. *Heap* is what a call leaves on the JavaScript heap until it is collected, in bytes, and",
    "*buffers* what it leaves outside, for results; a quarter of fifteen runs of calls leave less.",
    "",
    ...table(
      ["", "peak", "inputs", "shared", "states", "peak to states", "heap", "buffers"],
      results.map(({ workload, peak, inputs, shared, states, heap, buffers }) => [
        workload,
        ...[peak, inputs, shared, states].map(kilobytes),
        times(peak / states),
        lowerQuartile(heap).toFixed(0),
        lowerQuartile(buffers).toFixed(0),
      ]),
    ),
  ];
}
