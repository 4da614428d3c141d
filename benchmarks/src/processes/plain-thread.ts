/** A thread that does steps of a workload when told to, and answers with the milliseconds of one. Data: the case. */
import { parentPort, workerData } from "node:worker_threads";
import { plainStep, timeSteps, type Stretches } from "../plain-step.ts";
import { isEvenCase } from "../throughput.ts";

const name = String(workerData);
if (parentPort === null || !isEvenCase(name)) throw new Error("this is a thread of a benchmark");
const port = parentPort;
const step = await plainStep(name);
port.on("message", (stretches: Stretches) => {
  port.postMessage(timeSteps(step, stretches));
});
port.postMessage("ready");
