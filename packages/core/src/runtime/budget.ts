/** Memory budgets: how long the chunks of loops are in a call, so that what the call works in stays within its budget. */
import { ArgumentError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { scanLabel, type ChunkSizes, type ScanParams } from "../ops/scan/scan-params.ts";
import { scanOp } from "../ops/scan/scan.ts";
import { evaluateSize, type SizeEnvironment } from "../size/size.ts";

export interface PlanBudget {
  /** Bytes; Infinity where no loop has a budget. */
  readonly bytes: number;
  /** The loop that asks for it, as messages call it. */
  readonly loop: string;
  readonly chunks: readonly ChunkSizes[];
}

/** `wanted` is the graph as users wrote it, `results` what is left of it when it is lowered. */
export function budgetOf(wanted: readonly Tensor[], results: readonly Tensor[]): PlanBudget {
  let least: ScanParams | undefined;
  for (const { params } of scansOf(wanted))
    if (params.memory !== undefined && !(params.memory >= (least?.memory ?? Infinity)))
      least = params;
  const chunks = new Map<string, ChunkSizes>();
  for (const { params } of scansOf(results))
    if (params.part?.kind === "chunks")
      chunks.set(params.part.chunks.steps.key, params.part.chunks);
  return {
    bytes: least?.memory ?? Infinity,
    loop: scanLabel(least?.name),
    chunks: [...chunks.values()],
  };
}

function scansOf(results: readonly Tensor[]): Apply<ScanParams>[] {
  return toposort(results).flatMap((apply) => [
    ...(apply.op === scanOp ? [apply as Apply<ScanParams>] : []),
    ...apply.blocks.flatMap((block) => scansOf(block.outputs)),
  ]);
}

/**
 * The sizes, and lengths of chunks for them: the least work that fits. A call works in its outputs, and in temporaries that depend on all
 * sizes, in bytes; `floor` is what it takes anyway, before.
 * @throws ArgumentError MEMORY_BUDGET, with the least budget that would do
 */
export function withChunks(
  label: string,
  { bytes: budget, loop, chunks }: PlanBudget,
  sizes: SizeEnvironment,
  { outputs, floor }: { readonly outputs: number; readonly floor: number },
  temporaries: (sizes: SizeEnvironment) => number,
): SizeEnvironment {
  if (budget === Infinity && chunks.length === 0) return sizes;
  let least = { bytes: Infinity, parts: 1 };
  const fitting = (parts: number): SizeEnvironment | undefined => {
    const all = new Map(sizes);
    for (const chunk of chunks) setChunks(all, chunk, parts);
    const bytes = Math.max(floor, temporaries(all) + outputs);
    if (bytes < least.bytes) least = { bytes, parts };
    return bytes <= budget ? all : undefined;
  };
  for (const parts of partitions(chunks, sizes)) {
    const found = fitting(parts);
    if (found !== undefined) return found;
  }
  // Between the numbers of parts that were tried, near the best of them.
  const [from, to] = [Math.floor(least.parts / 1.2), Math.ceil(least.parts * 1.2)];
  for (let parts = from; parts <= Math.min(to, from + 400); parts++) {
    const found = parts < 1 ? undefined : fitting(parts);
    if (found !== undefined) return found;
  }
  throw new ArgumentError(
    "MEMORY_BUDGET",
    `${label}: the budget of ${loop} is ${readable(budget)} of memory, and this call needs at least ${readable(least.bytes)}`,
    {
      ...(outputs > least.bytes / 4
        ? { notes: [`outputs of the call take ${readable(outputs)} of it`] }
        : {}),
      hint: `give memory: "${enough(least.bytes)}" or more, or a smaller batch or shorter sequences; rows of all steps that are wanted whole take most: compute a loss in the step`,
    },
  );
}

function readable(bytes: number): string {
  if (bytes < 1e4) return `${bytes} bytes`;
  return bytes < 1e6
    ? `${Number((bytes / 1e3).toPrecision(4))} KB`
    : `${Number((bytes / 1e6).toPrecision(4))} MB`;
}

function enough(bytes: number): string {
  if (bytes < 1e4) return `${bytes}B`;
  return bytes < 1e7 ? `${Math.ceil(bytes / 1e3)}KB` : `${Math.ceil(bytes / 1e6)}MB`;
}

/** Into how many parts loops may be cut: 1 (nothing is replayed), 2, 3, ..., then in steps of a fifth, up to the shortest chunks. */
function* partitions(chunks: readonly ChunkSizes[], sizes: SizeEnvironment): Generator<number> {
  const most = chunks.map((c) => Math.ceil(evaluateSize(c.total, sizes) / unitOf(c, sizes)));
  const end = Math.max(1, ...most);
  for (let parts = 1; parts < end; parts = Math.max(parts + 1, Math.floor(parts * 1.2)))
    yield parts;
  yield end;
}

/** Cuts a loop into about `parts` equal parts, the last one of which is no chunk: it is kept, and not replayed. */
function setChunks(sizes: Map<string, number>, chunk: ChunkSizes, parts: number): void {
  const total = evaluateSize(chunk.total, sizes);
  const unit = unitOf(chunk, sizes);
  const steps = Math.max(1, Math.ceil(total / parts / unit)) * unit;
  const chunks = Math.min(parts - 1, Math.floor(total / steps));
  sizes.set(chunk.chunks.key, chunks);
  sizes.set(chunk.steps.key, chunks === 0 ? 1 : steps);
}

function unitOf({ units }: ChunkSizes, sizes: SizeEnvironment): number {
  return units.map((unit) => evaluateSize(unit, sizes)).reduce(leastCommonMultiple, 1);
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
