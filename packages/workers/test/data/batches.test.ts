import { describe, expect, it } from "vitest";
import {
  defaultShards,
  evaluationBatches,
  paddingOf,
  shardCount,
  shardRange,
  trainingBatches,
  waste,
} from "../../src/data/batches.ts";
import { permutation, philox } from "../../src/data/philox.ts";

const lengths = Int32Array.from({ length: 1000 }, (_, i) => 1 + ((i * 7919) % 97));
const sorted = (batches: readonly Int32Array[]): number[] =>
  batches.flatMap((b) => [...b]).sort((a, b) => a - b);
const everyRow = Array.from({ length: 1000 }, (_, i) => i);

describe("philox", () => {
  it("gives the published values", () => {
    const hex = (words: readonly number[]): string[] => words.map((w) => w.toString(16));
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toEqual([
      "6627e8d5",
      "e169c58d",
      "bc57ac4c",
      "9b00dbd8",
    ]);
    const ones = 0xffffffff;
    expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toEqual([
      "408f276d",
      "41c83b0e",
      "a20bc7c6",
      "6d5451fd",
    ]);
  });

  it("shuffles by seed, epoch and stream alone", () => {
    expect(permutation(50, 1, 2, 0)).toEqual(permutation(50, 1, 2, 0));
    expect(permutation(50, 1, 2, 0)).not.toEqual(permutation(50, 1, 3, 0));
    expect(permutation(50, 1, 2, 0)).not.toEqual(permutation(50, 2, 2, 0));
    expect(permutation(50, 1, 2, 0)).not.toEqual(permutation(50, 1, 2, 1));
  });
});

describe("batches", () => {
  const options = { batchSize: 32, seed: 5 };

  it("hold every row once, and change from epoch to epoch", () => {
    const first = trainingBatches(lengths, 0, options);
    expect(sorted(first)).toEqual(everyRow);
    expect(sorted(trainingBatches(lengths, 1, options))).toEqual(everyRow);
    expect(trainingBatches(lengths, 0, options)).toEqual(first);
    expect(trainingBatches(lengths, 1, options)).not.toEqual(first);
    expect(sorted(evaluationBatches(lengths, 32))).toEqual(everyRow);
  });

  it("waste little padding", () => {
    let [tokens, padded] = [0, 0];
    for (const batch of trainingBatches(lengths, 0, options)) {
      const padding = paddingOf(batch, lengths, 4);
      tokens += padding.tokens;
      padded += padding.padded;
    }
    expect(tokens).toBe(lengths.reduce((a, b) => a + b));
    expect(waste({ tokens, padded })).toBeLessThan(0.08);
  });

  it("are cut into whole rows, as many shards as the batch size asks for", () => {
    expect([1, 4, 8, 16, 32, 64, 128, 1000].map(defaultShards)).toEqual([1, 1, 2, 2, 4, 8, 16, 16]);
    expect(shardCount(32, 32, 4)).toBe(4);
    expect(shardCount(5, 32, 4)).toBe(1);
    expect(shardCount(2, 4, 4)).toBe(2);
    for (const rows of [1, 7, 32])
      for (let shards = 1; shards <= Math.min(rows, 5); shards++) {
        const ranges = Array.from({ length: shards }, (_, s) => shardRange(rows, shards, s));
        expect(ranges[0]?.[0]).toBe(0);
        expect(ranges.at(-1)?.[1]).toBe(rows);
        for (const [i, [first, end]] of ranges.entries()) {
          expect(end).toBeGreaterThan(first);
          if (i > 0) expect(ranges[i - 1]?.[1]).toBe(first);
        }
      }
  });
});
