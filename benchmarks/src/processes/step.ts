/** One workload: our library and its peers, each checked, warmed up, then measured in turns. Arguments: the name, the effort. */
import { compile } from "@scan-train/core";
import { report } from "../fresh-process.ts";
import { isWorkloadName, peerTask, type WorkloadName } from "../peer-task.ts";
import { loadPeer, peers } from "../peers.ts";
import { summarize } from "../statistics.ts";
import { checkLosses, type StepResult } from "../step-result.ts";
import { runInTurns, warmUp, type Contestant, type Step, type TurnOptions } from "../turns.ts";
import { workloads, type Workload } from "../workloads.ts";

const warmUpTime = 600;

async function ours(workload: Workload): Promise<Step> {
  const { name, inputs, values, cost, updates } = workload;
  const train = await compile({ inputs, outputs: { cost }, updates, name });
  return () => train(values).cost.item();
}

async function peer(file: string, name: WorkloadName, workload: Workload): Promise<Step> {
  const module = await loadPeer(file);
  return module.createStep(peerTask(name, workload.values));
}

interface Entered {
  readonly contestant: Contestant;
  readonly firstStep: number;
  readonly losses: readonly number[];
}

async function enter(
  name: string,
  create: () => Promise<Step>,
  expected: readonly number[],
): Promise<Entered> {
  const start = performance.now();
  const step = await create();
  const first = step();
  const end = performance.now();
  const losses = [first, ...expected.slice(1).map(() => step())];
  checkLosses(name, losses, expected);
  warmUp(step, warmUpTime - (performance.now() - end));
  return { contestant: { name, step }, firstStep: end - start, losses };
}

/** Long steps get longer and fewer turns. */
function turnOptions(workload: WorkloadName, effort: string): TurnOptions {
  if (workload === "S4" || workload === "S5")
    return { turns: effort === "full" ? 6 : 3, turnTime: 1000 };
  return { turns: { quick: 4, full: 20 }[effort] ?? 8, turnTime: 250 };
}

async function measure(name: WorkloadName, effort: string): Promise<StepResult> {
  const workload = workloads[name]();
  const { gigaflop, firstLosses: expected } = workload;
  const entered = [await enter("scan-train", () => ours(workload), expected)];
  for (const { name: library, file } of peers)
    entered.push(await enter(library, () => peer(file, name, workload), expected));
  const contestants = entered.map(({ contestant }) => contestant);
  const samples = effort === "losses" ? [] : runInTurns(contestants, turnOptions(name, effort));
  return {
    workload: name,
    gigaflop,
    expected,
    contestants: entered.map(({ contestant, firstStep, losses }, i) => {
      const turns = samples[i];
      const result = { name: contestant.name, firstStep, losses };
      return turns === undefined ? result : { ...result, summary: summarize(turns) };
    }),
  };
}

const [name = "", effort = "normal"] = process.argv.slice(2);
if (!isWorkloadName(name)) throw new Error(`there is no workload "${name}"`);
report(await measure(name, effort));
