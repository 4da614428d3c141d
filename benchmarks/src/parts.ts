/** The parts of the benchmark by their names. */
import type { Effort } from "./arguments.ts";
import { measureBudget } from "./budget.ts";
import { cellFigures, measureCells } from "./cells.ts";
import { compileFigures, measureCompileTime } from "./compile-time.ts";
import { gemmFigures, measureGemm } from "./gemm.ts";
import { graphFigures, measureGraphs } from "./graph-size.ts";
import { gpuFigures, measureGpu } from "./gpu.ts";
import type { PartName } from "./part-names.ts";
import { part, type Part } from "./part.ts";
import { measureMemory, memoryFigures } from "./memory.ts";
import { measurePytorch, pytorchFigures } from "./pytorch.ts";
import { measureRecurrence, recurrenceFigures } from "./recurrence.ts";
import { budgetSection } from "./report-budget.ts";
import { cellsSection } from "./report-cells.ts";
import { compileSection } from "./report-compile.ts";
import { gpuSection } from "./report-gpu.ts";
import { gemmSection } from "./report-gemm.ts";
import { graphSection } from "./report-graph.ts";
import { memorySection } from "./report-memory.ts";
import { pytorchSection, wideSection } from "./report-pytorch.ts";
import { recurrenceSection } from "./report-recurrence.ts";
import { scanSection } from "./report-scan.ts";
import { throughputSection } from "./report-trainer.ts";
import { measureScan, scanFigures } from "./scan-cost.ts";
import { measureThroughput, throughputFigures } from "./throughput.ts";
import { measureWide, wideFigures } from "./wide.ts";

const processes = (effort: Effort): number => (effort === "quick" ? 2 : 5);

export const parts: Readonly<Record<PartName, Part>> = {
  pytorch: part({
    about: "S1 to S5 in PyTorch, where there is one",
    measure: measurePytorch,
    section: pytorchSection,
    figures: pytorchFigures,
    leftOut: ({ version, reason }) => (version === undefined ? reason : undefined),
  }),
  wide: part({
    about: "S1 to S5 with wide vectors beside PyTorch, where there are both",
    measure: measureWide,
    section: wideSection,
    figures: wideFigures,
    leftOut: ({ versions, reason }) => (versions === undefined ? reason : undefined),
  }),
  budget: part({
    about: "S1 to S5 by kernel",
    measure: measureBudget,
    section: budgetSection,
    figures: () => [],
  }),
  gemm: part({
    about: "matrix products beside jax-js and tfjs-wasm",
    measure: measureGemm,
    section: gemmSection,
    figures: gemmFigures,
  }),
  compile: part({
    about: "fresh processes for each case",
    measure: (effort) => measureCompileTime(processes(effort)),
    section: compileSection,
    figures: compileFigures,
  }),
  graph: part({
    about: "graphs of 100 to 10,000 nodes",
    measure: measureGraphs,
    section: graphSection,
    figures: graphFigures,
  }),
  memory: part({
    about: "what a step of S1 to S5 holds",
    measure: measureMemory,
    section: memorySection,
    figures: memoryFigures,
  }),
  scan: part({
    about: "time per step by length, compiling by length, loops in JavaScript",
    measure: measureScan,
    section: scanSection,
    figures: scanFigures,
  }),
  cells: part({
    about: "cells that users write beside nn.lstm",
    measure: measureCells,
    section: cellsSection,
    figures: cellFigures,
  }),
  recurrence: part({
    about: "loops beside what stands in for them",
    measure: measureRecurrence,
    section: recurrenceSection,
    figures: recurrenceFigures,
  }),
  gpu: part({
    about: "encoding, and steps where the adapter is real",
    measure: measureGpu,
    section: gpuSection,
    figures: gpuFigures,
    leftOut: ({ adapter, reason }) => (adapter === undefined ? reason : undefined),
  }),
  trainer: part({
    about: "fresh processes for each case and number of workers",
    measure: measureThroughput,
    section: throughputSection,
    figures: throughputFigures,
  }),
};
