/** The loops that stand for scans in chunks: one over chunks, with the steps of a chunk inside, and one over the steps that are left. */
import { freshLike } from "../graph/rebuild.ts";
import type { Apply, Block } from "../graph/op.ts";
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import { concatenate } from "../ops/concatenate.ts";
import { reshape } from "../ops/reshape.ts";
import { chunkRows, restRows } from "../ops/scan/chunk-rows.ts";
import { makeScan } from "../ops/scan/scan.ts";
import {
  scanResults,
  type ChunkSizes,
  type ScanParams,
  type ScanPart,
} from "../ops/scan/scan-params.ts";
import { silenced } from "../ops/scan/silence.ts";
import { sliceAxis } from "../ops/slice.ts";
import { mulSizes, subSizes, type Size } from "../size/size.ts";
import type { Uses } from "./rewrite-graph.ts";
import { isScan, rowInput, type Bound, type ScanDraft } from "./scan-draft.ts";

export type ChunkedScan = Apply<ScanParams>;

/** Results of a scan or a part of one. */
interface Results {
  readonly saved: readonly Tensor[];
  readonly ys: readonly Tensor[];
}

/** A scan that runs in chunks already, for those that read it. */
interface Done {
  readonly draft: ScanDraft;
  /** [chunks, ...]: the carries that enter each chunk, by carry; for those that somebody reads. */
  readonly starts: readonly (Tensor | undefined)[];
  readonly rest: Results;
}

/** T steps as `chunks` times N and a rest. */
interface Cut {
  readonly steps: Size;
  readonly chunks: Size;
  readonly whole: Size;
  readonly rest: Size;
}

export class ChunkedLoops {
  readonly #scans: ReadonlySet<Apply>;
  readonly #uses: Uses;
  readonly #done = new Map<Apply, Done>();

  /** `scans`: all that run in chunks; `uses` are those of the graph that they are in. */
  constructor(scans: ReadonlySet<Apply>, uses: Uses) {
    this.#scans = scans;
    this.#uses = uses;
  }

  /** What stands for the results of `scan`, by result; `draft` is the scan with its inputs replaced. */
  run(scan: ChunkedScan, draft: ScanDraft, sizes: ChunkSizes): Map<Tensor, Tensor> {
    const { chunks, steps, total } = sizes;
    const whole = mulSizes(chunks, steps);
    const cut: Cut = { steps, chunks, whole, rest: subSizes(total, whole) };
    const { reverse } = draft.params;
    const initial = draft.carries.map((c) => c.initial);
    const restOf = (carries: readonly Tensor[]): ReturnType<typeof makeScan> =>
      makeScan(
        paramsOf(draft, cut.rest, { kind: "rest", first: whole }),
        {
          consts: draft.consts.map((c) => c.outer),
          carries,
          xs: draft.xs.map(({ outer }, i) => this.#restRows(scan, i, outer, cut)),
        },
        blockOf(draft),
      );
    const early = reverse ? restOf(initial) : undefined;
    const main = this.#overChunks(scan, draft, early?.final ?? initial, sizes, cut);
    const rest = early ?? restOf(main.final);
    this.#done.set(scan, { draft, starts: main.starts, rest });

    const replaced = new Map<Tensor, Tensor>();
    for (const [i, carry] of draft.carries.entries()) {
      const final = reverse ? main.final[i] : rest.final[i];
      if (carry.final !== undefined && final !== undefined) replaced.set(carry.final, final);
    }
    for (const [i, y] of draft.ys.entries()) {
      const [before, after] = [main.ys[i], rest.ys[i]];
      if (y.rows === undefined || before === undefined || after === undefined) continue;
      const joined = reshape(before, [whole, ...before.shape.slice(2)]);
      replaced.set(y.rows, concatenate([joined, after], 0));
    }
    return replaced;
  }

  #overChunks(
    scan: ChunkedScan,
    draft: ScanDraft,
    initial: readonly Tensor[],
    sizes: ChunkSizes,
    cut: Cut,
  ): {
    readonly final: readonly Tensor[];
    readonly starts: Done["starts"];
    readonly ys: readonly (Tensor | undefined)[];
  } {
    const chunk = new ChunkBlock(cut, (of, i) => this.#sourceOf(of, i), this.#done);
    const carries = draft.carries.map((c) => freshLike(c.input));
    const inner = chunk.steps(scan, draft, carries, false);
    const results = scanResults(scan.params, scan.outputs);
    const first = draft.params.reverse ? subSizes(cut.steps, 1) : 0;
    const replayed = this.#replayed(draft, results);
    // States are read from the rows that the steps keep, so that every chunk keeps them as the whole loop would.
    const starts = inner.saved.map((rows, i) =>
      replayed.has(i) ? entering(rows, first) : undefined,
    );
    const ys = inner.ys.map((rows, i) => (this.#isKept(results.ys[i]) ? rows : undefined));
    const wanted = [...starts, ...ys].filter((x) => x !== undefined);
    const made = makeScan(
      {
        ...paramsOf(draft, cut.chunks, { kind: "chunks", chunks: sizes }),
        checkpoint: true,
      },
      {
        consts: chunk.consts.map((c) => c.outer),
        carries: initial,
        xs: chunk.rows.map((x) => x.outer),
      },
      {
        inputs: [
          ...chunk.consts.map((c) => c.input),
          ...carries,
          ...chunk.rows.map((x) => x.input),
        ],
        outputs: [...inner.final, ...wanted],
      },
    );
    const next = made.ys.values();
    const placed = (x: Tensor | undefined): Tensor | undefined =>
      x === undefined ? undefined : next.next().value;
    return { final: made.final, starts: starts.map(placed), ys: ys.map(placed) };
  }

  /** The carries that a replay begins with. */
  #replayed(draft: ScanDraft, { saved, ys }: Results): ReadonlySet<number> {
    const isUsed = (tensor: Tensor | undefined): boolean =>
      tensor !== undefined && this.#uses.isUsed(tensor);
    const rows = draft.ys.filter((_, i) => isUsed(ys[i]) && !this.#isKept(ys[i]));
    const read = new Set(leavesOf(rows.map((y) => y.row)));
    const found = new Set<number>();
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const [i, carry] of draft.carries.entries()) {
        if (found.has(i) || (!isUsed(saved[i]) && !read.has(carry.input))) continue;
        found.add(i);
        for (const leaf of leavesOf([carry.leaves])) read.add(leaf);
      }
    }
    return found;
  }

  /** True for rows that somebody wants whole; loops in chunks that read them row by row can replay them. */
  #isKept(rows: Tensor | undefined): boolean {
    const isWhole = (user: Apply | "result"): boolean =>
      user === "result" ||
      !isScan(user) ||
      !this.#scans.has(user) ||
      user.inputs.slice(0, user.params.consts + user.params.carries).some((x) => x === rows);
    return rows !== undefined && this.#uses.of(rows).some(isWhole);
  }

  /** The scan in chunks whose rows sequence `i` of `scan` is, unless they are kept as a whole. */
  #sourceOf(scan: ChunkedScan, i: number): Source | undefined {
    const rows = scan.inputs[scan.params.consts + scan.params.carries + i];
    const owner = rows === undefined ? undefined : ownerOf(rows);
    if (rows === undefined || owner === undefined || !this.#scans.has(owner)) return undefined;
    const from = owner as ChunkedScan;
    const { saved, ys } = scanResults(from.params, from.outputs);
    if (!from.params.length.equals(scan.params.length)) return undefined;
    if (saved.includes(rows)) return { scan: from, kind: "saved", index: saved.indexOf(rows) };
    return ys.includes(rows) && !this.#isKept(rows)
      ? { scan: from, kind: "ys", index: ys.indexOf(rows) }
      : undefined;
  }

  #restRows(scan: ChunkedScan, i: number, outer: Tensor, { chunks, steps }: Cut): Tensor {
    const source = this.#sourceOf(scan, i);
    const made = source === undefined ? undefined : this.#done.get(source.scan)?.rest;
    const rows = source === undefined ? undefined : made?.[source.kind][source.index];
    return rows ?? restRows(outer, chunks, steps);
  }
}

/** Rows that a scan in chunks gives. */
interface Source {
  readonly scan: ChunkedScan;
  readonly kind: "saved" | "ys";
  readonly index: number;
}

/** The step of a loop over chunks, while it is built. */
class ChunkBlock {
  readonly consts: Bound[] = [];
  readonly rows: Bound[] = [];
  readonly #cut: Cut;
  readonly #sourceOf: (scan: ChunkedScan, i: number) => Source | undefined;
  readonly #done: ReadonlyMap<Apply, Done>;
  readonly #replays = new Map<Apply, Results>();
  readonly #rowOf = new Map<Tensor, Tensor>();

  constructor(
    cut: Cut,
    sourceOf: (scan: ChunkedScan, i: number) => Source | undefined,
    done: ReadonlyMap<Apply, Done>,
  ) {
    this.#cut = cut;
    this.#sourceOf = sourceOf;
    this.#done = done;
  }

  /** The steps of a scan in this chunk. */
  steps(
    scan: ChunkedScan,
    draft: ScanDraft,
    carries: readonly Tensor[],
    isReplay: boolean,
  ): ReturnType<typeof makeScan> {
    const block = blockOf(draft);
    return makeScan(
      paramsOf(draft, this.#cut.steps, { kind: "chunk" }),
      {
        consts: draft.consts.map(({ outer }) => this.#const(outer)),
        carries,
        xs: draft.xs.map(({ outer }, i) => this.#rowsOf(scan, i, outer)),
      },
      isReplay
        ? {
            inputs: block.inputs,
            outputs: silenced(block.outputs, new Set(toposort(block.outputs))),
          }
        : block,
    );
  }

  #const(outer: Tensor): Tensor {
    const known = this.consts.find((c) => c.outer === outer);
    if (known !== undefined) return known.input;
    const input = freshLike(outer);
    this.consts.push({ input, outer });
    return input;
  }

  /** A row of what `show` makes of the tensor, by default of the tensor itself. */
  #row(of: Tensor, show = (x: Tensor): Tensor => x): Tensor {
    const known = this.#rowOf.get(of);
    if (known !== undefined) return known;
    const outer = show(of);
    const input = rowInput(outer);
    this.rows.push({ input, outer });
    this.#rowOf.set(of, input);
    return input;
  }

  #rowsOf(scan: ChunkedScan, i: number, outer: Tensor): Tensor {
    const source = this.#sourceOf(scan, i);
    const replayed =
      source === undefined ? undefined : this.#replay(source.scan)?.[source.kind][source.index];
    if (replayed !== undefined) return replayed;
    const { chunks, steps } = this.#cut;
    return this.#row(outer, (x) => chunkRows(x, chunks, steps));
  }

  #replay(scan: ChunkedScan): Results | undefined {
    const known = this.#replays.get(scan);
    const done = this.#done.get(scan);
    if (known !== undefined || done === undefined) return known;
    const { draft, starts } = done;
    const carries = draft.carries.map(({ initial }, i) => {
      const rows = starts[i];
      return rows === undefined ? this.#const(initial) : this.#row(rows);
    });
    const made = this.steps(scan, draft, carries, true);
    this.#replays.set(scan, made);
    return made;
  }
}

const blockOf = (draft: ScanDraft): Block => ({
  inputs: [...draft.consts, ...draft.carries, ...draft.xs].map((b) => b.input),
  outputs: [...draft.carries.map((c) => c.leaves), ...draft.ys.map((y) => y.row)],
});

function paramsOf(draft: ScanDraft, length: Size, part: ScanPart): Parameters<typeof makeScan>[0] {
  const { name, reverse, checkpoint } = draft.params;
  return {
    name,
    length,
    reverse,
    truncate: undefined,
    shifts: [],
    part,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

/** The row of the carry that enters a chunk. */
function entering(rows: Tensor, first: Size | number): Tensor {
  const [, ...shape] = rows.shape;
  return reshape(sliceAxis(rows, 0, first, 1), shape);
}
