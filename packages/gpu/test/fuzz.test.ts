/** Random programs on the GPU: what the reference computes, within the rounding of float32. */
import process from "node:process";
import fc from "fast-check";
import { afterAll, describe, test } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import {
  compile,
  InternalError,
  print,
  ScanTrainError,
  type NDArray,
} from "../../core/src/index.ts";
import { buildProgram, type Graph } from "../../core/test/fuzz/build-program.ts";
import { compareNear, reference } from "../../core/test/fuzz/check-program.ts";
import { inSinglePrecision, programs, type Program } from "../../core/test/fuzz/instructions.ts";
import { buildStates, statesPrograms } from "../../core/test/fuzz/states-program.ts";
import { openGpu, type GpuBackend } from "../src/open-gpu.ts";

const long = process.env["SCAN_TRAIN_LONG"] === "1";
const numRuns = Number(process.env["SCAN_TRAIN_RUNS"] ?? (long ? 500 : 12));
const seed = Number(process.env["SCAN_TRAIN_SEED"] ?? 1);
const timeout = long ? 3_600_000 : 120_000;

type Values = Readonly<Record<string, NDArray>>;

/** The results; undefined where these sizes are refused with an error for users. */
async function unlessRefused(results: Promise<Values>): Promise<Values | undefined> {
  try {
    return await results;
  } catch (error) {
    if (!(error instanceof ScanTrainError) || error instanceof InternalError) throw error;
    return undefined;
  }
}

/** @throws an error that shows the graph where the GPU differs from the reference */
async function checkOnGpu(gpu: GpuBackend, graph: Graph, calls: Program["calls"]): Promise<void> {
  const { leaves, outputs, updates } = graph;
  const spec = { inputs: leaves.inputs, outputs, updates, unusedInputs: "ignore" as const };
  // Before variables move to the device, where only promises tell their values.
  const wanted = calls.map(([T, B]) => {
    leaves.reset();
    return reference(graph, leaves.values(T, B));
  });
  try {
    const call = await compile({ ...spec, backend: gpu });
    for (const [i, [T, B]] of calls.entries()) {
      const where = `T ${T}, B ${B}`;
      leaves.reset();
      const want = wanted[i];
      const arrays = await unlessRefused(call(leaves.values(T, B)));
      if ((want === undefined) !== (arrays === undefined))
        throw new Error(`${where}: only one of the reference and the GPU refuses these sizes`);
      const got = new Map(Object.entries(arrays ?? {}).map(([name, { data }]) => [name, data]));
      for (const [target] of updates)
        got.set(`new ${target.name ?? ""}`, (await target.read()).data);
      for (const [name, { data, tolerance }] of Object.entries(want ?? {}))
        compareNear(got.get(name) ?? [], data, tolerance, `${name}, ${where}`);
    }
    call.dispose();
  } catch (error) {
    const text = print([...Object.values(outputs), ...updates.map(([, value]) => value)]);
    throw new Error(`${String(error)}\nin\n${text}`, { cause: error });
  }
}

const gpu = await gpuForTests(openGpu);

describe.skipIf(typeof gpu === "string")("webgpu", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());

  test(
    "a random program computes what the reference does",
    async () => {
      const same = fc.asyncProperty(programs, (program) =>
        checkOnGpu(gpu, buildProgram(inSinglePrecision(program)), program.calls),
      );
      await fc.assert(same, { numRuns, seed });
    },
    timeout,
  );

  test(
    "a loop that may change its states in place computes what the reference does",
    async () => {
      const same = fc.asyncProperty(statesPrograms, (program) =>
        checkOnGpu(gpu, buildStates(program, "float32"), [[4, 2]]),
      );
      await fc.assert(same, { numRuns, seed });
    },
    timeout,
  );
});
