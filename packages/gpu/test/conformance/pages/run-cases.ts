/** Runs all cases where there is no test runner. */
import { wasm } from "@scan-train/core";
import { openGpu } from "@scan-train/gpu";
import { conformanceCases } from "../cases/index.ts";
import { checkCase } from "../check.ts";

export interface Checked {
  readonly name: string;
  readonly faults: readonly string[];
}

/** Every case by its name, with what differs. */
export async function runCases(backendName: "wasm" | "webgpu"): Promise<readonly Checked[]> {
  const gpu = backendName === "webgpu" ? await openGpu() : undefined;
  const checked: Checked[] = [];
  try {
    for (const conformance of conformanceCases) {
      const faults = await checkCase(conformance, gpu ?? wasm).catch((error: unknown) => [
        String(error),
      ]);
      checked.push({ name: conformance.name, faults });
    }
  } finally {
    gpu?.close();
  }
  return checked;
}
