import { cast, evaluate, grad, NDArray, sum, tensor, where } from "@scan-train/core";
import { describe, expect, it } from "vitest";
import { trainingBatches } from "../../src/data/batches.ts";
import { createTrainer } from "../../src/node.ts";
import {
  averagingData,
  averagingModel,
  averagingRows,
  descent,
  fields,
  initial,
  makeWeights,
  stepLosses,
} from "./averaging-model.ts";

const count = 16;
const rate = 0.1;

/** One update with the whole batch in one float64 graph on the reference interpreter. */
function reference(rowsOf: readonly number[]): {
  readonly loss: number;
  readonly weight: number;
  readonly weights: number[];
} {
  const rows = averagingRows(count);
  const picked = rowsOf.map((row) => rows[row]).filter((row) => row !== undefined);
  const steps = Math.max(...picked.map((row) => row.y.length));
  const x = tensor("x", { dtype: "float64", shape: ["T", "B", 2] });
  const y = tensor("y", { dtype: "float64", shape: ["T", "B"] });
  const mask = tensor("mask", { dtype: "bool", shape: ["T", "B"] });
  const values = initial();
  const w = {
    Wx: tensor("Wx", { dtype: "float64", shape: [2, 3] }),
    Wh: tensor("Wh", { dtype: "float64", shape: [3, 3] }),
    Wo: tensor("Wo", { dtype: "float64", shape: [3] }),
  };
  const losses = stepLosses(w, x, y, mask);
  const total = sum(where(mask, losses, 0));
  const weight = sum(cast(mask, "float64"));
  const [gx, gh, go] = grad(total, [w.Wx, w.Wh, w.Wo]);
  const at = (row: number, t: number): boolean => picked[row]?.mask[t] ?? false;
  const grid = <T>(value: (row: number, t: number) => T): T[][] =>
    Array.from({ length: steps }, (_, t) => picked.map((_, row) => value(row, t)));
  const wide = (a: NDArray<"float32">): NDArray<"float64"> =>
    new NDArray("float64", a.shape, Float64Array.from(a.data));
  const found = evaluate(
    { total, weight, gx, gh, go },
    {
      x: grid((row, t) => (picked[row]?.x[t] ?? [0, 0]).map(Math.fround)),
      y: grid((row, t) => Math.fround(picked[row]?.y[t] ?? 0)),
      mask: grid(at),
      Wx: wide(values.Wx),
      Wh: wide(values.Wh),
      Wo: wide(values.Wo),
    },
  );
  const n = found.weight.item();
  const updated = (value: NDArray, g: NDArray): number[] =>
    [...value.data].map((v, i) => v - (rate * (g.data[i] ?? 0)) / n);
  return {
    loss: found.total.item() / n,
    weight: n,
    weights: [
      ...updated(values.Wx, found.gx),
      ...updated(values.Wh, found.gh),
      ...updated(values.Wo, found.go),
    ],
  };
}

const everyRow = Array.from({ length: count }, (_, i) => i);

describe("the average over very unequal lengths with a mask with holes", () => {
  for (const workers of [1, 2, 3])
    it(`is that of one whole batch in float64, with ${workers} workers`, async () => {
      const weights = makeWeights();
      const trainer = await createTrainer({
        data: fields,
        model: averagingModel(weights),
        optimizer: descent(rate),
        batchSize: count,
        shards: 4,
        workers,
        seed: 3,
      });
      const expected = reference(everyRow);
      const steps = [];
      for await (const event of trainer.fit(averagingData(count), { epochs: 1 }))
        if (event.kind === "step") steps.push(event);
      await trainer.close();
      expect(steps).toHaveLength(1);
      expect(steps[0]?.weight).toBe(expected.weight);
      expect(Math.abs((steps[0]?.loss ?? 0) / expected.loss - 1)).toBeLessThan(1e-5);
      expect(Math.abs((steps[0]?.metrics["double"] ?? 0) / expected.loss / 2 - 1)).toBeLessThan(
        1e-5,
      );
      const found = [weights.Wx, weights.Wh, weights.Wo].flatMap((w) => [...w.get().data]);
      for (const [i, value] of found.entries())
        expect(Math.abs(value - (expected.weights[i] ?? 0))).toBeLessThan(1e-5);
    });

  it("is not the mean of the shards' means", () => {
    const batch =
      trainingBatches(averagingData(count).parts.lengths, 0, { batchSize: count, seed: 3 })[0] ??
      new Int32Array();
    const shards = [0, 4, 8, 12].map((first) => reference([...batch.subarray(first, first + 4)]));
    const meanOfMeans = shards.reduce((a, s) => a + s.loss, 0) / shards.length;
    expect(Math.abs(meanOfMeans / reference(everyRow).loss - 1)).toBeGreaterThan(0.01);
  });
});
