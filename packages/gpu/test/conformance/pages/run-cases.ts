/** Runs all cases where there is no test runner. */
import { wasm } from "@scan-train/core";
import { openGpu } from "@scan-train/gpu";
import { conformanceChecks } from "../checks.ts";

export interface Checked {
  readonly name: string;
  readonly faults: readonly string[];
}

/** Checks at `first`, `first + step`, and so on. */
export interface EveryNth {
  readonly first: number;
  readonly step: number;
}

/** The checks wanted, by name, with what differs. */
export async function runCases(
  backendName: "wasm" | "webgpu",
  { first, step }: EveryNth,
): Promise<readonly Checked[]> {
  const gpu = backendName === "webgpu" ? await openGpu() : undefined;
  const checked: Checked[] = [];
  try {
    for (const { name, run } of conformanceChecks.filter((_, i) => i % step === first)) {
      const faults = await run(gpu ?? wasm).catch((error: unknown) => [String(error)]);
      checked.push({ name, faults });
    }
  } finally {
    gpu?.close();
  }
  return checked;
}
