/** S1 to S5 with vectors of 32 bytes beside PyTorch, where there are a Node that joins vectors and a PyTorch. */
import { spawnSync } from "node:child_process";
import type { Effort } from "./arguments.ts";
import { ratioOfTurns, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { findPytorch, inRounds, pythons, type PytorchStep } from "./pytorch.ts";

export interface WideResult {
  /** Undefined where it could not be measured: then the reason. */
  readonly versions: { readonly node: string; readonly pytorch: string } | undefined;
  readonly reason: string;
  readonly steps: readonly PytorchStep[];
}

/** The variable that names a Node 24 or later for a benchmark that runs on an earlier one. */
const variable = "SCAN_TRAIN_WIDE_NODE";

export function measureWide(effort: Effort): WideResult {
  const none = (reason: string): WideResult => ({ versions: undefined, reason, steps: [] });
  const node = findWideNode([process.execPath, process.env[variable]]);
  if (node === undefined) return none(`it needs Node 24 or later, or ${variable} with its path`);
  const found = findPytorch(pythons);
  if (found.python === undefined) return none(found.reason);
  const steps = inRounds(effort, (name) =>
    inFreshProcess<PytorchStep>("pytorch", [name, effort, found.python, "wide"], node.path),
  );
  return { versions: { node: node.version, pytorch: found.version }, reason: "", steps };
}

/** The first of the programs that is Node 24 or later. */
export function findWideNode(
  candidates: readonly (string | undefined)[],
): { readonly path: string; readonly version: string } | undefined {
  for (const path of candidates) {
    if (path === undefined) continue;
    const { status, stdout } = spawnSync(path, ["-p", "process.versions.node"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const version = stdout?.trim() ?? "";
    if (status === 0 && Number.parseInt(version, 10) >= 24) return { path, version };
  }
  return undefined;
}

export function wideFigures({ steps }: WideResult): readonly Figure[] {
  return steps.map(({ workload, own, pytorch }) =>
    ratioOfTurns({ part: "wide", name: `${workload}: PyTorch / scan-train, wide` }, pytorch, own),
  );
}
