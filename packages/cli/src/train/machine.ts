import { onWarning } from "@scan-train/core";
import { openBackend } from "@scan-train/gpu";
import { refuseIdle } from "../options/given.ts";
import type { TrainFlags } from "../options/train-flags.ts";
import { plural } from "../render/format.ts";
import type { TrainingOptions } from "../run-folder/config.ts";
import type { RunsOn } from "./trainer-options.ts";
import { widenSimd } from "./wide-simd.ts";

/** What a run trains on. */
export interface Machine {
  readonly runsOn: RunsOn;
  /** For the config. */
  readonly backend: TrainingOptions["backend"];
  /** For the last lines of a run. */
  readonly trainedBy: string;
  /** What the user should know, in lines. */
  readonly facts: readonly string[];
  readonly close: () => void;
}

/** @throws {@link UsageError} for options about this machine's processor beside a GPU that was asked for */
export function refuseThreadsOnGpu({ backend, given }: TrainFlags): void {
  if (backend !== "webgpu") return;
  for (const option of ["workers", "log-shards"])
    refuseIdle(given, option, "with --backend webgpu a batch goes to the GPU as a whole");
  refuseIdle(given, "wide-simd", "with --backend webgpu the GPU computes");
}

/**
 * Threads, or the GPU that `--backend` asks for.
 *
 * @throws UnsupportedError GPU_NO_BINDING, GPU_NO_ADAPTER
 */
export async function openMachine({ backend, workers, wideSimd }: TrainFlags): Promise<Machine> {
  const onThreads = async (facts: readonly string[]): Promise<Machine> => ({
    runsOn: { workers },
    backend: undefined,
    trainedBy: `with ${plural(workers, "worker")}`,
    facts: [...facts, ...(await widenSimd(wideSimd))],
    close: () => undefined,
  });
  if (backend === "wasm") return onThreads([]);
  // Why it takes which is said among the facts.
  const listenNoMore = onWarning(() => undefined);
  const { gpu, reason } = await openBackend(backend).finally(listenNoMore);
  const facts = [`backend: ${reason}`];
  if (gpu === undefined) return onThreads(facts);
  return {
    runsOn: { backend: gpu },
    backend: "webgpu",
    trainedBy: `on ${gpu.device.label}`,
    facts,
    close: () => gpu.close(),
  };
}
