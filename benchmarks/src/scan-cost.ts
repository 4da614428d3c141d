/** What a scan costs: by step for short and long loops, to compile, and beside a loop in JavaScript. */
import type { Effort } from "./arguments.ts";
import { exactFigure, figureOf, medianFigure, ratioOfTurns, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { bandOf, median, type Band, type Summary } from "./statistics.ts";

/** h = tanh(x Wx + h Wh), x `[T, B, 8]`. */
export const scanSizes = {
  small: { H: 50, B: 1 },
  large: { H: 128, B: 32 },
} as const;

export type ScanSize = keyof typeof scanSizes;

export const lengths = [10, 100, 1000, 10_000] as const;

/** Lengths are compared with this one. */
const usualLength = 1000;

/** One compiled function at every length. */
export interface LengthResult {
  readonly size: ScanSize;
  readonly what: "forward" | "gradient";
  readonly calls: readonly { readonly T: number; readonly summary: Summary }[];
}

/** Of one process. */
export interface ScanCompileSample {
  /** Milliseconds from `compile()` to the resolved promise. */
  readonly compile: number;
  /** Of the WebAssembly module. */
  readonly bytes: number;
}

export interface ScanCompileResult {
  readonly sizes: string;
  readonly samples: readonly number[];
  readonly bytes: number;
}

/** Forward, batch of one: a scan beside loops in JavaScript around a compiled step. */
export interface LoopResult {
  readonly H: number;
  readonly ways: readonly { readonly name: string; readonly summary: Summary }[];
}

export const loopUnits = [50, 128] as const;
export const loopSteps = 1000;

export interface ScanResult {
  readonly lengths: readonly LengthResult[];
  readonly compile: readonly ScanCompileResult[];
  readonly loops: readonly LoopResult[];
}

const compileCases = [
  { sizes: "run-time T and B", args: [] },
  { sizes: "T 10, B 1", args: ["10", "1"] },
  { sizes: "T 10000, B 1", args: ["10000", "1"] },
  { sizes: "T 10, B 32", args: ["10", "32"] },
  { sizes: "T 10000, B 32", args: ["10000", "32"] },
] as const;

export function measureScan(effort: Effort): ScanResult {
  const sizes: readonly ScanSize[] = ["small", "large"];
  return {
    lengths: sizes.flatMap((size) =>
      ["forward", "gradient"].map((what) =>
        inFreshProcess<LengthResult>("scan-length", [size, what, effort]),
      ),
    ),
    compile: measureCompile(effort === "quick" ? 2 : 3),
    loops: loopUnits.map((H) => inFreshProcess<LoopResult>("scan-loop", [String(H), effort])),
  };
}

function measureCompile(processes: number): readonly ScanCompileResult[] {
  const samples = compileCases.map((): ScanCompileSample[] => []);
  for (let i = 0; i < processes; i++)
    for (const [at, { args }] of compileCases.entries())
      samples[at]?.push(inFreshProcess<ScanCompileSample>("scan-compile", args));
  return compileCases.map(({ sizes }, at) => {
    const own = samples[at] ?? [];
    return { sizes, samples: own.map((s) => s.compile), bytes: own[0]?.bytes ?? NaN };
  });
}

export const compileTime = ({ samples }: ScanCompileResult): { median: number; band: Band } => ({
  median: median(samples),
  band: bandOf(samples),
});

/** How many times as long a step takes at length `T` as at the usual one. */
export function toUsual({ calls }: LengthResult, T: number): number {
  const perStep = (length: number): number =>
    (calls.find((call) => call.T === length)?.summary.min ?? NaN) / length;
  return perStep(T) / perStep(usualLength);
}

/** Milliseconds that each step beyond those of the length before costs, without what every call does. NaN for the least length. */
export function furtherStep({ calls }: LengthResult, at: number): number {
  const [before, call] = [calls[at - 1], calls[at]];
  if (before === undefined || call === undefined) return NaN;
  return (call.summary.min - before.summary.min) / (call.T - before.T);
}

export function scanFigures({ lengths: all, compile, loops }: ScanResult): readonly Figure[] {
  return [
    ...all.flatMap(lengthFigures),
    ...scanCompileFigures(compile),
    ...loops.flatMap(loopFigures),
  ];
}

function lengthFigures(result: LengthResult): readonly Figure[] {
  const { size, what, calls } = result;
  const usual = calls.find(({ T }) => T === usualLength)?.summary.minima ?? [];
  return calls
    .filter(({ T }) => T !== usualLength)
    .map(({ T, summary }) => {
      const turns = summary.minima.map((min, i) => min / T / ((usual[i] ?? NaN) / usualLength));
      const name = `${size}, ${what}: a step of ${T} / of ${usualLength}`;
      const value = toUsual(result, T);
      return figureOf({ part: "scan", name, unit: "x", kind: "ratio" }, value, [value, ...turns]);
    });
}

function scanCompileFigures(results: readonly ScanCompileResult[]): readonly Figure[] {
  const [first] = results;
  return results.flatMap(({ sizes, samples, bytes }, at) => {
    const named = { part: "scan", name: `module, ${sizes}` } as const;
    const size = exactFigure({ ...named, unit: "bytes", kind: "absolute" }, bytes);
    if (at === 0) return [size];
    const ratios = samples.map((sample, i) => sample / (first?.samples[i] ?? NaN));
    const name = `compile, ${sizes} / run-time sizes`;
    return [size, medianFigure({ part: "scan", name, unit: "x", kind: "ratio" }, ratios)];
  });
}

function loopFigures({ H, ways: [scan, ...others] }: LoopResult): readonly Figure[] {
  if (scan === undefined) return [];
  return others.map(({ name, summary }) =>
    ratioOfTurns({ part: "scan", name: `${H} units: ${name} / scan` }, summary, scan.summary),
  );
}
