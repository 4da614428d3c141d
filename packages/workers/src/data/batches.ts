/**
 * Which rows meet in a batch, and how a batch is cut into shards: pure functions of the data's lengths, the options, the
 * seed and the epoch. Neither the number of workers nor time enters, so every run sees the same sums in the same order.
 */
import { permutation } from "./philox.ts";

/** How many windows of batches are sorted by length together: more waste less padding, fewer mix better. */
const batchesPerWindow = 16;

export interface BatchOptions {
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * The batches of an epoch: rows are shuffled, sorted by length (longest first, then by index) inside windows, and cut; then the
 * batches are shuffled. Every row appears once.
 */
export function trainingBatches(
  lengths: Int32Array,
  epoch: number,
  { batchSize, seed }: BatchOptions,
): Int32Array[] {
  const order = permutation(lengths.length, seed, epoch, 0);
  const window = batchSize * batchesPerWindow;
  const batches: Int32Array[] = [];
  for (let at = 0; at < order.length; at += window)
    batches.push(...cut(sortByLength(order.slice(at, at + window), lengths), batchSize));
  const shuffled = permutation(batches.length, seed, epoch, 1);
  return Array.from(shuffled, (i) => batches[i] ?? new Int32Array());
}

/** Batches that waste least: all rows, longest first. */
export function evaluationBatches(lengths: Int32Array, batchSize: number): Int32Array[] {
  const rows = Int32Array.from(lengths, (_, row) => row);
  return cut(sortByLength(rows, lengths), batchSize);
}

function sortByLength(rows: Int32Array, lengths: Int32Array): Int32Array {
  return rows.sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
}

function cut(rows: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
    rows.slice(i * size, (i + 1) * size),
  );
}

/**
 * Into how many shards a full batch is cut unless the user says otherwise: it depends on the batch size alone, so that a model
 * trained on a laptop and on a server has the same bits. At most 16, with at least 8 sequences each where that leaves two.
 */
export function defaultShards(batchSize: number): number {
  const roomy = Math.floor(batchSize / 8);
  return Math.min(16, Math.max(roomy, Math.min(2, Math.floor(batchSize / 4)), 1));
}

/** The number of shards of a batch of `rows` rows, which may be fewer than `batchSize`. */
export function shardCount(rows: number, batchSize: number, shards: number): number {
  return Math.min(rows, Math.max(1, Math.ceil((rows * shards) / batchSize)));
}

/** The rows `[first, end)` of a shard within its batch. */
export function shardRange(rows: number, shards: number, shard: number): readonly [number, number] {
  return [Math.floor((shard * rows) / shards), Math.floor(((shard + 1) * rows) / shards)];
}

/** Steps that count and steps computed when `batch` is padded shard by shard. */
export interface Padding {
  readonly tokens: number;
  readonly padded: number;
}

export function paddingOf(batch: Int32Array, lengths: Int32Array, shards: number): Padding {
  let [tokens, padded] = [0, 0];
  for (let shard = 0; shard < shards; shard++) {
    const [first, end] = shardRange(batch.length, shards, shard);
    let longest = 0;
    for (const row of batch.subarray(first, end)) {
      const length = lengths[row] ?? 0;
      tokens += length;
      longest = Math.max(longest, length);
    }
    padded += longest * (end - first);
  }
  return { tokens, padded };
}

/** The share of computed steps that were padding, 0 .. 1. */
export function waste({ tokens, padded }: Padding): number {
  return padded === 0 ? 0 : 1 - tokens / padded;
}
