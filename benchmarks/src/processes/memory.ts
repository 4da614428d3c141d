/** Bytes of one workload's training step. Argument: the name. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compile } from "@scan-train/core";
import { report } from "../fresh-process.ts";
import type { MemoryResult } from "../memory.ts";
import { isWorkloadName, peerTask, type WorkloadName } from "../peer-task.ts";
import { workloads, type Workload } from "../workloads.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

type Left = Pick<Record<keyof MemoryResult, number>, "heap" | "buffers">;

/** Bytes that `calls` calls leave. */
function leftAfter(step: () => void, calls: number): Left {
  collect();
  const before = process.memoryUsage();
  for (let i = 0; i < calls; i++) step();
  const after = process.memoryUsage();
  return {
    heap: after.heapUsed - before.heapUsed,
    buffers: after.arrayBuffers - before.arrayBuffers,
  };
}

/** Bytes that a call leaves, in each of some runs, without what looking costs: 0 where something was collected meanwhile. */
function leftByCalls(step: () => void, calls: number): Pick<MemoryResult, "heap" | "buffers"> {
  const [heap, buffers]: [number[], number[]] = [[], []];
  for (let run = 0; run < 15; run++) {
    const [none, all] = [leftAfter(step, 0), leftAfter(step, calls)];
    heap.push(Math.max(0, all.heap - none.heap) / calls);
    buffers.push(Math.max(0, all.buffers - none.buffers) / calls);
  }
  return { heap, buffers };
}

/** The first `steps` rows of everything. */
function shortened(values: Workload["values"], steps: number): Workload["values"] {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (typeof value !== "object" || !("data" in value) || !("shape" in value))
        throw new TypeError(`the value of "${key}" is not a typed array with a shape`);
      const [T = 1, ...rest] = value.shape;
      const data = value.data.slice(0, (value.data.length / T) * steps);
      return [key, { data, shape: [steps, ...rest] }];
    }),
  );
}

async function measure(name: WorkloadName): Promise<MemoryResult> {
  const { inputs, values, cost, updates } = workloads[name]();
  const train = await compile({ inputs, outputs: { cost }, updates, name });
  const { H, T, B } = peerTask(name, values).sizes;
  const { peak, ...all } = train.memory({ T, B });
  // What a call leaves does not depend on sizes.
  const given = name === "S4" || name === "S5" ? shortened(values, 4) : values;
  const step = (): void => {
    train(given);
  };
  // Until the engine has compiled what a call does for the last time: before that, it leaves more.
  for (let i = 0; i < 600; i++) step();
  const statesOfCell = name === "S3" || name === "S4" ? 2 : 1;
  const states = 4 * statesOfCell * T * B * H;
  const left = leftByCalls(step, 20);
  return { workload: name, peak, inputs: all.inputs, shared: all.shared, states, ...left };
}

const [name = ""] = process.argv.slice(2);
if (!isWorkloadName(name)) throw new Error(`there is no workload "${name}"`);
report(await measure(name));
