/** Vectors of 32 bytes in V8: an experiment of the engine, switched on by name and after a check in a process of its own. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { setWideSimd } from "@scan-train/core/backend-kit";
import { joinVectors } from "./wide-flag.ts";

/** What became of `enableWideSimd`. */
export interface WideSimd {
  readonly enabled: boolean;
  /** Why, for the user to read. */
  readonly reason: string;
}

/** Right from `src` (tests) and from `dist` (published): the two lie side by side. */
const checkFile = fileURLToPath(new URL("../../dist/node/wide-check.js", import.meta.url));

/**
 * Shows what V8 joins, and compiles every function by the optimising compiler at once: what is checked is what will run. A V8 that
 * lacks the first of them cannot join vectors either. Without the last, later versions refuse the second.
 */
const checkFlags = ["--trace-wasm-revectorize", "--no-liftoff", "--no-wasm-inlining"];
const badOption = 9;
const longestCheck = 120_000;

let asked: Promise<WideSimd> | undefined;

/**
 * Lets V8 join neighbouring SIMD vectors to vectors of 32 bytes (AVX2) in everything that this process compiles from now on, in all its
 * threads: products take about half of their time, and no bit changes. It needs Node 24 or later on a processor with AVX2.
 *
 * It is an experiment of V8 (`--experimental-wasm-revectorize`), which is why nothing switches it on by itself. Another process tries it
 * first, on products and loops of several shapes, and compares bits; where that fails, nothing changes here, and `reason` says why.
 * Call it before `compile` and `createTrainer`: modules that exist already stay as they are. Other WebAssembly in this process is
 * compiled that way, too.
 *
 * @example
 * const { enabled, reason } = await enableWideSimd();
 * if (!enabled) console.log(`as usual: ${reason}`);
 */
export function enableWideSimd(): Promise<WideSimd> {
  asked ??= checkAndEnable(checkFlags);
  return asked;
}

/** `flags`: those of the process that checks. */
export async function checkAndEnable(
  flags: readonly string[],
  file: string = checkFile,
): Promise<WideSimd> {
  const failure = explainFailure(await runCheck(flags, file));
  if (failure !== undefined) return { enabled: false, reason: failure };
  setFlagsFromString(joinVectors);
  setWideSimd(true);
  return { enabled: true, reason: "vectors of 32 bytes; the bits are those without, checked here" };
}

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** How often V8 decided to join vectors. */
  readonly joined: number;
  readonly problem?: string;
}

function explainFailure({ code, signal, joined, problem }: Outcome): string | undefined {
  if (problem !== undefined) return `the check cannot run: ${problem}`;
  if (code === badOption)
    return `V8 ${process.versions.v8} cannot join vectors; Node 24 or later can, this is ${process.version}`;
  if (signal === "SIGKILL") return `the check did not end within ${longestCheck / 1000} s`;
  if (code === 3) return "results differ from those without, in a check of this engine";
  if (code !== 0)
    return `the engine ended the check (${signal ?? `exit code ${code}`}): it cannot be trusted with this`;
  if (joined === 0) return "the engine joined no vectors: a processor with AVX2 is needed";
  return undefined;
}

function runCheck(flags: readonly string[], file: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, file], {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: longestCheck,
      killSignal: "SIGKILL",
    });
    const decided = /Decided? to vectorize/g;
    let joined = 0;
    let last = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      const lines = `${last}${text}`.split("\n");
      last = lines.pop() ?? "";
      for (const line of lines) joined += line.match(decided)?.length ?? 0;
    });
    child.on("error", ({ message }) =>
      resolve({ code: null, signal: null, joined, problem: message }),
    );
    child.on("close", (code, signal) => resolve({ code, signal, joined }));
  });
}
