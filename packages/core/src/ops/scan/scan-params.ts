/** The shape of a scan: its params, and the groups of its inputs and results. */
import { InternalError } from "../../errors/errors.ts";
import type { Apply, Block, SizeCheck } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Size } from "../../size/size.ts";

export interface ScanParams {
  readonly name: string | undefined;
  readonly length: Size;
  readonly consts: number;
  readonly carries: number;
  readonly xs: number;
  readonly reverse: boolean;
  /** The gradient runs over the last `truncate` steps only; undefined: over all. */
  readonly truncate: number | undefined;
  /** [from, to]: carry `to` leaves a step as carry `from` entered it: a register of an older value. */
  readonly shifts: readonly (readonly [from: number, to: number])[];
  /** A gradient runs each step again and keeps nothing of its inside: rewrites move no rows in or out of it. */
  readonly checkpoint?: boolean;
  /** The bytes that a call may work in at most: see `rewrite/chunk-scans.ts`. */
  readonly memory?: number;
  /** Which part of a loop in chunks this is; undefined for a whole loop. */
  readonly part?: ScanPart;
  /** What the user's number of steps must satisfy at the call. */
  readonly checks?: readonly SizeCheck[];
}

/** A loop of T steps in chunks: a loop over C chunks with a loop of N steps inside, and a loop over the T - C N that are left. */
export type ScanPart =
  | { readonly kind: "chunks"; readonly chunks: ChunkSizes }
  | { readonly kind: "chunk" }
  | { readonly kind: "rest"; readonly first: Size };

/** What a host needs to choose C and N, two symbols, for a call. */
export interface ChunkSizes {
  /** C. */
  readonly chunks: Size;
  /** N. */
  readonly steps: Size;
  /** T. */
  readonly total: Size;
  /** N is a multiple of these. */
  readonly units: readonly Size[];
}

/** What messages call a scan: `scan "rnn"`. */
export function scanLabel(name: string | undefined): string {
  return name === undefined ? "scan" : `scan "${name}"`;
}

/** The three groups of a scan's inputs, or of its block's inputs. */
export function scanGroups<T>(
  params: ScanParams,
  inputs: readonly T[],
): { readonly consts: readonly T[]; readonly carries: readonly T[]; readonly xs: readonly T[] } {
  const first = params.consts + params.carries;
  return {
    consts: inputs.slice(0, params.consts),
    carries: inputs.slice(params.consts, first),
    xs: inputs.slice(first),
  };
}

/** The three groups of a scan's results. */
export function scanResults<T>(
  params: ScanParams,
  outputs: readonly T[],
): { readonly final: readonly T[]; readonly saved: readonly T[]; readonly ys: readonly T[] } {
  const n = params.carries;
  return { final: outputs.slice(0, n), saved: outputs.slice(n, 2 * n), ys: outputs.slice(2 * n) };
}

/** The only block of a scan. */
export function scanBlock(apply: { readonly blocks: readonly Block[] }): Block {
  const [block] = apply.blocks;
  if (block === undefined) throw new InternalError("a scan has no block");
  return block;
}

/** Applies scan and groups its results: the type of `makeScan`, which the gradient rules receive because they are part of the op. */
export type MakeScan = (
  params: Omit<ScanParams, "consts" | "carries" | "xs">,
  inputs: {
    readonly consts: readonly Tensor[];
    readonly carries: readonly Tensor[];
    readonly xs: readonly Tensor[];
  },
  block: Block,
  /** Names of the final carries and of the ys. */
  names?: {
    readonly final: readonly (string | undefined)[];
    readonly ys: readonly (string | undefined)[];
  },
) => {
  readonly final: readonly Tensor[];
  readonly saved: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly apply: Apply<ScanParams>;
};
