/** The GPU, if there is one. Argument: the effort. A software adapter proves nothing about speed: only encoding is timed on it. */
import { existsSync } from "node:fs";
import {
  compile,
  dot,
  grad,
  mean,
  scan,
  shared,
  sqr,
  tanh,
  tensor,
  zeros,
  type Backend,
} from "@scan-train/core";
import { crossEntropy, dense, lstm, run, zero } from "@scan-train/core/nn";
import { sgd } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import { openGpu, type GpuBackend, type GpuOptions } from "@scan-train/gpu";
import { report } from "../fresh-process.ts";
import type { EncodeResult, GpuResult, GpuStep } from "../gpu.ts";
import { integers } from "../numbers.ts";
import { summarize } from "../statistics.ts";
import { workloads, type Workload } from "../workloads.ts";

const quick = process.argv[2] === "quick";
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";

async function open(options: GpuOptions = {}): Promise<GpuBackend> {
  try {
    return await openGpu(options);
  } catch (error) {
    if (process.env["VK_ICD_FILENAMES"] !== undefined || !existsSync(softwareDriver)) throw error;
    process.env["VK_ICD_FILENAMES"] = softwareDriver;
    return openGpu(options);
  }
}

/** A recurrence of two dispatches per step, as many as make 512. */
async function encoding(immediates: "auto" | "never"): Promise<EncodeResult> {
  const gpu = await open({ immediates });
  const x = tensor("x", { shape: ["T", "B", 4] });
  const W = shared({ data: new Float32Array(16).fill(0.1), shape: [4, 4] }, { name: "W" });
  const { outputs } = scan({
    sequences: { x },
    init: { h: zeros([x.size(1), 4]) },
    step: ({ x: row, h }) => ({ h: tanh(row.add(dot(h, W))) }),
  });
  const call = await compile({
    inputs: { x },
    outputs: { loss: mean(sqr(outputs.h)) },
    backend: gpu,
  });
  const [T, B] = [254, 2];
  const values = { x: { data: new Float32Array(T * B * 4), shape: [T, B, 4] } };
  const told = (): readonly number[] => {
    const found = /(\d+) dispatches .* encoded in ([\d.]+) ms/.exec(call.explain()) ?? [];
    return found.slice(1).map(Number);
  };
  const turns: number[][] = [];
  for (let turn = 0; turn < (quick ? 2 : 5); turn++) {
    const samples: number[] = [];
    for (let i = 0; i < 20; i++) {
      await call(values);
      samples.push(told()[1] ?? NaN);
    }
    if (turn > 0) turns.push(samples);
  }
  const [dispatches = NaN] = told();
  const counters = /counters as (immediates|uniforms)/.exec(call.explain())?.[1];
  gpu.close();
  return {
    counters: counters === "immediates" ? counters : "uniforms",
    dispatches,
    milliseconds: summarize(turns),
  };
}

/** Beyond the five: the width at which a GPU is meant to win. */
function lstm1024(): Workload {
  const [V, H, T, B] = [64, 1024, 64, 32];
  const [x, y] = [
    tensor("x", { shape: ["T", "B"], dtype: "int32" }),
    tensor("y", { shape: ["T", "B"], dtype: "int32" }),
  ];
  const cell = lstm({ key: key(1), inputSize: V, hiddenSize: H, name: "lstm" });
  const output = dense({ key: key(2), init: zero, inputSize: H, outputSize: V, name: "output" });
  const cost = mean(crossEntropy(output(run(cell, x).outputs.h), y));
  const parameters = [...cell.parameters, ...output.parameters];
  const tokens = integers(10, [T + 1, B], V).data;
  return {
    name: "LSTM-1024",
    gigaflop: (6 * T * B * (4 * H * H + H * V)) / 1e9,
    inputs: { x, y },
    values: {
      x: { data: tokens.slice(0, T * B), shape: [T, B] },
      y: { data: tokens.slice(B), shape: [T, B] },
    },
    parameters,
    cost,
    updates: sgd(parameters, grad(cost, parameters), 0.1),
    firstLosses: [NaN, NaN, NaN],
  };
}

async function timed(make: () => Workload, backend: Backend<"async"> | undefined) {
  const { inputs, values, cost, parameters } = make();
  const updates = sgd({ learningRate: 0.1 }).updates(parameters, grad(cost, [...parameters]), {
    scalars: "float32",
  });
  const spec = { inputs, outputs: { cost }, updates };
  const call = await compile(backend === undefined ? spec : { ...spec, backend });
  const turns: number[][] = [];
  for (let turn = 0; turn < (quick ? 2 : 5); turn++) {
    const samples: number[] = [];
    const until = performance.now() + 300;
    do {
      const began = performance.now();
      await call(values);
      samples.push(performance.now() - began);
    } while (performance.now() < until);
    if (turn > 0) turns.push(samples);
  }
  call.dispose();
  return summarize(turns);
}

async function measure(): Promise<GpuResult> {
  let gpu: GpuBackend;
  try {
    gpu = await open();
  } catch (error) {
    const reason = String(error).split("\n")[0] ?? "";
    return { adapter: undefined, reason, isSoftware: false, encode: [], steps: [] };
  }
  const { adapter, isSoftware } = gpu;
  const encode = [await encoding("auto"), await encoding("never")];
  const steps: GpuStep[] = [];
  const makes = isSoftware ? [] : [workloads.S3, workloads.S4, workloads.S5, lstm1024];
  for (const make of makes) {
    const { name, gigaflop } = make();
    const result = { gpu: await timed(make, gpu), wasm: await timed(make, undefined) };
    steps.push({ workload: name, gigaflop, ...result });
  }
  gpu.close();
  return { adapter, reason: "", isSoftware, encode, steps };
}

report(await measure());
