/** PyTorch beside our steps, where Python has it. */
import { spawnSync } from "node:child_process";
import { roundsOf, type Effort } from "./arguments.ts";
import { ratioOfTurns, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { workloadNames, type WorkloadName } from "./peer-task.ts";
import { together, type Summary } from "./statistics.ts";

export interface PytorchStep {
  readonly workload: WorkloadName;
  readonly own: Summary;
  readonly pytorch: Summary;
}

export interface PytorchResult {
  /** Undefined where there is none: then the reason. */
  readonly version: string | undefined;
  readonly reason: string;
  readonly steps: readonly PytorchStep[];
}

/** What the path says, then the system's own. */
export const pythons = ["python3", "/usr/bin/python3"];

export function measurePytorch(effort: Effort): PytorchResult {
  const found = findPytorch(pythons);
  if (found.python === undefined) return { version: undefined, reason: found.reason, steps: [] };
  const { python, version } = found;
  const steps = inRounds(effort, (name) =>
    inFreshProcess<PytorchStep>("pytorch", [name, effort, python]),
  );
  return { version, reason: "", steps };
}

/** All workloads in three rounds, each time in a new process: minutes in which the machine is slow do not decide about one of them. */
export function inRounds(
  effort: Effort,
  measure: (name: WorkloadName) => PytorchStep,
): readonly PytorchStep[] {
  const rounds = Array.from({ length: roundsOf(effort, 3) }, () => workloadNames.map(measure));
  return workloadNames.map((workload, i) => {
    const found = rounds.flatMap((round) => round[i] ?? []);
    return {
      workload,
      own: together(found.map(({ own }) => own)),
      pytorch: together(found.map(({ pytorch }) => pytorch)),
    };
  });
}

/** Debian's PyTorch takes whatever BLAS the system has, and the reference one is ten times slower than any other. */
const inquiry = `
import re, torch
try: maps = open("/proc/self/maps").read()
except OSError: maps = ""
print(torch.__version__, "reference" if re.search("/blas/libblas[.]", maps) else "tuned")
`;

type Found =
  | { readonly python: string; readonly version: string }
  | { readonly python: undefined; readonly reason: string };

/** The first of the programs that imports torch, with the version that it found; or why there is none. */
export function findPytorch(candidates: readonly string[]): Found {
  for (const python of candidates) {
    const { status, stdout } = spawnSync(python, ["-c", inquiry], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (status === 0) return judged(python, stdout);
  }
  const reason = `${candidates.join(" and ")} cannot import torch`;
  return { python: undefined, reason };
}

/** @param answer the version and the kind of BLAS */
export function judged(python: string, answer: string): Found {
  const [version, blas] = answer.trim().split(" ");
  if (version === undefined || blas !== "reference") return { python, version: version ?? "" };
  const remedy = "a comparison would flatter us: install OpenBLAS (Debian: libopenblas0-pthread)";
  return { python: undefined, reason: `PyTorch ${version} uses the reference BLAS; ${remedy}` };
}

export function pytorchFigures({ steps }: PytorchResult): readonly Figure[] {
  return steps.map(({ workload, own, pytorch }) =>
    ratioOfTurns({ part: "pytorch", name: `${workload}: PyTorch / scan-train` }, pytorch, own),
  );
}
