/** One workload: ours and PyTorch's in turns. Arguments: the name, the effort, the Python that has PyTorch, and `wide` for wide vectors. */
import { fileURLToPath } from "node:url";
import { compile } from "@scan-train/core";
import { enableWideSimd } from "@scan-train/workers/node";
import { report } from "../fresh-process.ts";
import { PeerProcess } from "../peer-process.ts";
import { isWorkloadName, peerTask, type WorkloadName } from "../peer-task.ts";
import type { PytorchStep } from "../pytorch.ts";
import { summarize } from "../statistics.ts";
import { checkLosses } from "../step-result.ts";
import { runInTurns, warmUp, type TurnOptions } from "../turns.ts";
import { workloads } from "../workloads.ts";

/** From dist/src/processes to peers. */
const program = fileURLToPath(new URL("../../../peers/pytorch.py", import.meta.url));

function turnOptions(workload: WorkloadName, effort: string): TurnOptions {
  const isLong = workload === "S4" || workload === "S5";
  const turns = { quick: 3, full: 20 }[effort] ?? 8;
  return isLong ? { turns: Math.ceil(turns / 2), turnTime: 800 } : { turns, turnTime: 250 };
}

async function measure(name: WorkloadName, effort: string, python: string): Promise<PytorchStep> {
  const { inputs, values, cost, updates, firstLosses } = workloads[name]();
  const train = await compile({ inputs, outputs: { cost }, updates, name });
  const step = (): number => train(values).cost.item();
  checkLosses("scan-train", firstLosses.map(step), firstLosses);
  const peer = new PeerProcess("PyTorch", python, [program]);
  await peer.create(peerTask(name, values));
  checkLosses("PyTorch", await peer.losses(firstLosses.length), firstLosses);
  warmUp(step, 600);
  await peer.run(300);
  const { turns, turnTime } = turnOptions(name, effort);
  const own: (readonly number[])[] = [];
  const theirs: (readonly number[])[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const [samples] = runInTurns([{ name, step }], { turns: 1, turnTime });
    own.push(...(samples ?? []));
    theirs.push(await peer.run(turnTime));
  }
  peer.close();
  return { workload: name, own: summarize(own), pytorch: summarize(theirs) };
}

const [name = "", effort = "normal", python = "python3", vectors] = process.argv.slice(2);
if (!isWorkloadName(name)) throw new Error(`there is no workload "${name}"`);
if (vectors === "wide") {
  const { enabled, reason } = await enableWideSimd();
  if (!enabled) throw new Error(`no wide vectors: ${reason}`);
}
report(await measure(name, effort, python));
