/** Cells that users write, beside the library's LSTM: does a flop cost the same in both? */
import type { Effort } from "./arguments.ts";
import { figureOf, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import type { Summary } from "./statistics.ts";

export const cellSizes = { inputSize: 64, hiddenSize: 128, T: 64, B: 32 } as const;

export interface CellResult {
  readonly name: string;
  /** Products of a training step, see {@link productFlops}. */
  readonly gigaflop: number;
  readonly summary: Summary;
}

/**
 * Flops of the products of a training step, multiply-add = 2: x W and h U forward, the gradients of W, U and h back. With G gates
 * of width H that is 2 T B G H (2 I + 3 H). Work by element is not counted, whatever a cell has of it.
 */
export function productFlops(
  gates: number,
  { inputSize: I, hiddenSize: H, T, B }: Record<keyof typeof cellSizes, number>,
): number {
  return 2 * T * B * gates * H * (2 * I + 3 * H);
}

export function measureCells(effort: Effort): readonly CellResult[] {
  return inFreshProcess<readonly CellResult[]>("cells", [effort]);
}

/** How many times as long a flop takes as in the first cell. */
export function perFlop(result: CellResult, first: CellResult): number {
  return result.summary.min / result.gigaflop / (first.summary.min / first.gigaflop);
}

/** Each user's cell beside the LSTM. */
export function cellFigures([first, ...others]: readonly CellResult[]): readonly Figure[] {
  if (first === undefined) return [];
  return others.map((result) => {
    const { name, gigaflop, summary } = result;
    const share = gigaflop / first.gigaflop;
    const turns = summary.minima.map((min, i) => min / (first.summary.minima[i] ?? NaN) / share);
    const value = perFlop(result, first);
    const named = { part: "cells", name: `${name} / ${first.name}, per flop` } as const;
    return figureOf({ ...named, unit: "x", kind: "ratio" }, value, [value, ...turns]);
  });
}
