/**
 * Chunks: where a loop has a `memory` budget, it and the gradient loops that read its states run in chunks of N steps. The forward
 * loop keeps the state at the beginning of each chunk; a gradient loop replays one chunk at a time from there and goes through it.
 * Steps after the last whole chunk are kept and not replayed. Their number and N are sizes that the host chooses for a call: no chunks at all
 * where everything fits (Griewank & Walther 2000, "Algorithm 799: revolve", with one level of checkpoints).
 *
 * No bit changes: a part of a loop is rewritten just as the whole one would be, and sums cut a loop at multiples of `units` only.
 */
import type { Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { scanResults, type ChunkSizes } from "../ops/scan/scan-params.ts";
import { symbolSize, type Size } from "../size/size.ts";
import { accumulatedTerms } from "./accumulations.ts";
import { ChunkedLoops, type ChunkedScan } from "./chunked-loops.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteBlocks, rewriteGraph, usesOf, type Uses } from "./rewrite-graph.ts";
import { isScan, openScan, resultsOf } from "./scan-draft.ts";
import { blockSteps } from "./step-sums.ts";

export const chunkScans: Pass = {
  name: "run in chunks what has a memory budget",
  loopsOnly: true,
  run(results) {
    let symbols = 0;
    const symbol = (name: string, ordinary: number): Size =>
      symbolSize({ kind: "symbol", key: `chunk#${symbols++}`, name, ordinary });
    return chunkLevel(results, symbol);
  },
};

type MakeSymbol = (name: string, ordinary: number) => Size;

function chunkLevel(given: readonly Tensor[], symbol: MakeSymbol): Tensor[] {
  const results = rewriteBlocks(given, (inside) => chunkLevel(inside, symbol));
  const chunked = chunkable(results);
  if (chunked.size === 0) return results;
  const uses = usesOf(results);
  const groups = new Map<string, ChunkSizes>();
  for (const scan of chunked) {
    const { name = "scan", length: total } = scan.params;
    const known = groups.get(total.key) ?? {
      chunks: symbol(`chunks of ${name}`, 2),
      steps: symbol(`chunk of ${name}`, 40),
      total,
      units: [],
    };
    const unit = blockSteps(openScan(scan, scan.inputs), uses);
    groups.set(total.key, {
      ...known,
      units: [...known.units, ...(unit === undefined ? [] : [unit])],
    });
  }
  const loops = new ChunkedLoops(chunked, uses);
  return rewriteGraph(results, (apply, inputs) => {
    if (!isScan(apply) || !chunked.has(apply)) return undefined;
    const sizes = groups.get(apply.params.length.key);
    return sizes && resultsOf(apply, loops.run(apply, openScan(apply, inputs), sizes));
  });
}

/** Scans with a budget whose states are read row by row by each other only, and that keep states or read kept ones. */
function chunkable(results: readonly Tensor[]): ReadonlySet<ChunkedScan> {
  const uses = usesOf(results);
  const found = new Set<ChunkedScan>(
    toposort(results)
      .filter(isScan)
      .filter(({ params }) => params.memory !== undefined && params.part === undefined)
      .filter((scan) => remembers(scan, uses)),
  );
  const isReadInChunks = (scan: ChunkedScan): boolean =>
    savedOf(scan).every((rows) =>
      uses.of(rows).every((user) => user !== "result" && readsInChunks(user, rows, scan, found)),
    );
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const scan of found) if (!isReadInChunks(scan)) found.delete(scan);
  }
  const keepers = [...found].filter((scan) => savedOf(scan).some((rows) => uses.isUsed(rows)));
  const kept = new Set(keepers.flatMap(savedOf));
  for (const scan of found)
    if (!keepers.includes(scan) && !scan.inputs.some((x) => kept.has(x))) found.delete(scan);
  return found;
}

/** A loop that only adds up may vanish, and its sums with it. */
function remembers(scan: ChunkedScan, uses: Uses): boolean {
  const draft = openScan(scan, scan.inputs);
  return draft.carries.some((carry) => accumulatedTerms(carry, draft, uses) === undefined);
}

const savedOf = ({ params, outputs }: ChunkedScan): readonly Tensor[] =>
  scanResults(params, outputs).saved;

function readsInChunks(
  user: Apply,
  rows: Tensor,
  scan: ChunkedScan,
  chunked: ReadonlySet<Apply>,
): boolean {
  if (!isScan(user) || !chunked.has(user) || !user.params.length.equals(scan.params.length))
    return false;
  const { consts, carries } = openScan(user, user.inputs);
  return !consts.some((c) => c.outer === rows) && !carries.some((c) => c.initial === rows);
}
