/** A thread that does as many steps of a workload as it is told to, and answers with the milliseconds of one. Data: the case. */
import { parentPort, workerData } from "node:worker_threads";
import { plainStep, timeSteps } from "../plain-step.ts";
import { isEvenCase } from "../throughput.ts";

const name = String(workerData);
if (parentPort === null || !isEvenCase(name)) throw new Error("this is a thread of a benchmark");
const port = parentPort;
const step = await plainStep(name);
port.on("message", (steps: number) => {
  port.postMessage(timeSteps(step, steps));
});
port.postMessage("ready");
