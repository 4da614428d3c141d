/** The worker that trains: it starts the workers that compute, so that the page's own thread has nothing to do. */
import { trainerOptions, type RunTrainer } from "@scan-train/cli/job";
import { shared } from "@scan-train/core";
import { openGpu, type GpuBackend } from "@scan-train/gpu";
import { createTrainer } from "@scan-train/workers/browser";
import type { FromTrainer, Settings, ToTrainer } from "./messages.ts";
import { plannedRun } from "./run-of.ts";
import { Session } from "./session.ts";
import { thread } from "./thread.ts";

let trainer: RunTrainer | undefined;
let session: Session | undefined;
let gpu: GpuBackend | undefined;
/** What was begun last, and ends before anything new begins. */
let running: Promise<void> = Promise.resolve();

const post = thread<ToTrainer, FromTrainer>(
  async (message) => {
    switch (message.kind) {
      case "start":
        session?.stop();
        running = running.then(() => start(message.settings));
        return running;
      case "pause":
        return session?.pause();
      case "resume":
        return session?.resume();
      case "stop":
        return session?.stop();
      case "rate":
        return session?.setLearningRate(message.learningRate);
      case "export":
        return exportModel();
      default:
        return message satisfies never;
    }
  },
  (message) => ({ kind: "failed", message }),
);

async function start(settings: Settings): Promise<void> {
  await trainer?.close();
  trainer = undefined;
  const run = plannedRun(settings);
  const { workers } = settings;
  const onGpu = settings.backend === "webgpu";
  if (onGpu && (gpu === undefined || gpu.isLost)) gpu = await openGpu();
  const rateFactor = shared(1, {
    dtype: onGpu ? "float32" : "float64",
    name: "learning rate factor",
  });
  const runsOn = onGpu && gpu !== undefined ? { backend: gpu } : { workers };
  const rows = run.split.train.length;
  trainer = await createTrainer(trainerOptions(run.config, { rows, runsOn, rateFactor }));
  const trainedBy = onGpu
    ? `WebGPU (${gpu?.adapter ?? ""})`
    : `${workers} wasm ${workers === 1 ? "worker" : "workers"}`;
  session = new Session({ run, trainer, rateFactor, trainedBy, post });
  await session.train();
}

async function exportModel(): Promise<void> {
  if (trainer === undefined) return;
  const bytes = new Uint8Array(await trainer.exportModel());
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  post({ kind: "model", bytes, sha256 }, [bytes.buffer]);
}

async function findGpu(): Promise<void> {
  try {
    gpu = await openGpu();
    post({ kind: "gpu", adapter: gpu.adapter, isSoftware: gpu.isSoftware });
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    post({ kind: "no gpu", reason: reason.replace(/^[A-Z_]+: /, "") });
  }
}

void findGpu();
