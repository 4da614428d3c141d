/** The worker that trains: it starts the workers that compute, so that the page's own thread has nothing to do. */
import { trainerOptions, type RunTrainer } from "@scan-train/cli/job";
import { UnsupportedError, shared } from "@scan-train/core";
import { openGpu, type GpuBackend } from "@scan-train/gpu";
import { createTrainer } from "@scan-train/workers/browser";
import type { FromTrainer, Settings, ToTrainer } from "./messages.ts";
import { plannedRun } from "./run-of.ts";
import { Session } from "./session.ts";
import { thread } from "./thread.ts";

let trainer: RunTrainer | undefined;
let session: Session | undefined;
let gpu: GpuBackend | undefined;
/** What was begun last, and ends before anything new begins; whether it failed does not matter then. */
let running: Promise<unknown> = Promise.resolve();
/** A learning rate that the user chose while the run was still being made. */
let wantedRate: number | undefined;

const post = thread<ToTrainer, FromTrainer>(
  async (message) => {
    switch (message.kind) {
      case "start":
        return begin(message.settings);
      case "pause":
        return session?.pause();
      case "resume":
        return session?.resume();
      case "stop":
        return session?.stop();
      case "rate":
        wantedRate = message.learningRate;
        return session?.setLearningRate(message.learningRate);
      case "export":
        return exportModel();
      default:
        return message satisfies never;
    }
  },
  (message) => ({ kind: "failed", message }),
);

function begin(settings: Settings): Promise<void> {
  session?.stop();
  wantedRate = undefined;
  const run = running.then(() => start(settings));
  running = run.catch(() => undefined);
  return run;
}

async function start(settings: Settings): Promise<void> {
  const last = trainer;
  trainer = undefined;
  session = undefined;
  await last?.close();
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
  if (wantedRate !== undefined) session.setLearningRate(wantedRate);
  await session.train();
}

async function exportModel(): Promise<void> {
  if (trainer === undefined) return;
  try {
    const bytes = new Uint8Array(await trainer.exportModel());
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    post({ kind: "model", bytes, sha256 }, [bytes.buffer]);
  } catch (error) {
    post({ kind: "no model", reason: reasonOf(error) });
  }
}

async function findGpu(): Promise<void> {
  try {
    gpu = await openGpu();
    post({ kind: "gpu", adapter: gpu.adapter, isSoftware: gpu.isSoftware });
  } catch (error) {
    post({ kind: "no gpu", reason: reasonOf(error) });
  }
}

/** What is wrong and what helps; that threads do without it, the page says itself. */
function reasonOf(error: unknown): string {
  if (!(error instanceof UnsupportedError)) return String(error);
  const [first = ""] = error.message.split("\n");
  const [remedy] = (error.hint ?? "").split("; or ");
  return [first.replace(`${error.code}: `, ""), remedy ?? ""]
    .filter(Boolean)
    .map(sentence)
    .join(" ");
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

void findGpu();
