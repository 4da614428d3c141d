import { add, cast, mul, NDArray, shared, sqr, sum, type Shared } from "@scan-train/core";
import { adam } from "@scan-train/core/optim";
import { describe, expect, it } from "vitest";
import { createTrainer, field, scalarField, type TrainerEvent } from "../../src/node.ts";
import { descent } from "./averaging-model.ts";
import { train } from "./train.ts";

const data = { x: field("float64", [2]), share: scalarField("float32") };
const rows = Array.from({ length: 8 }, (_, i) => ({ x: [i + 1, 10 - i], share: i % 3 }));
const rate = 0.01;

async function update(
  workers: number,
  shards: number,
): Promise<{ readonly w: readonly number[]; readonly step: TrainerEvent }> {
  const w = shared([0.5, -0.25], { name: "w", dtype: "float64" });
  const scale = shared([1], { name: "scale" });
  const trainer = await createTrainer({
    data,
    // Linear in w, so that the gradient is known: the sum of share * x.
    model: ({ x, share }) => ({
      loss: mul(sum(mul(x, w), 1), cast(scale.sum(), "float64")),
      weight: share,
      penalty: mul(sum(sqr(w)), 0.5),
      metrics: { first: x.index({}, 0) },
    }),
    optimizer: descent(rate),
    frozen: [scale],
    batchSize: 8,
    shards,
    workers,
  });
  let step: TrainerEvent | undefined;
  for await (const event of trainer.fit(rows, { epochs: 1 }))
    if (event.kind === "step") step = event;
  expect(Object.keys(trainer.parameters)).toEqual(["w"]);
  await trainer.close();
  if (step === undefined) throw new Error("no step");
  return { w: [...w.get().data], step };
}

describe("one update", () => {
  it("divides the sums of weighted gradients by the total weight once, and adds the penalty once", async () => {
    const total = rows.reduce((a, r) => a + r.share, 0);
    const mean = [0, 1].map((k) => rows.reduce((a, r) => a + r.share * (r.x[k] ?? 0), 0) / total);
    const expected = [0.5, -0.25].map((v, k) => v - rate * ((mean[k] ?? 0) + v));
    for (const [workers, shards] of [
      [1, 1],
      [1, 4],
      [2, 4],
    ] as const) {
      const { w, step } = await update(workers, shards);
      for (const [k, value] of w.entries()) expect(value).toBeCloseTo(expected[k] ?? 0, 12);
      expect(step).toMatchObject({ weight: total });
      if (step.kind !== "step") continue;
      expect(step.loss).toBeCloseTo(0.5 * (mean[0] ?? 0) - 0.25 * (mean[1] ?? 0), 12);
      expect(step.penalty).toBeCloseTo(0.15625, 12);
      expect(step.metrics["first"]).toBeCloseTo(mean[0] ?? 0, 12);
      const g = [0.5, -0.25].map((v, k) => (mean[k] ?? 0) + v);
      expect(step.gradientNorm).toBeCloseTo(
        Math.sqrt((g[0] ?? 0) * (g[0] ?? 0) + (g[1] ?? 0) * (g[1] ?? 0)),
        12,
      );
    }
  });

  it("does nothing when nothing has weight, and a loss without weight may be anything", async () => {
    const w = shared([1], { name: "w" });
    const trainer = await createTrainer({
      data: { x: scalarField("float32"), weight: scalarField("bool") },
      model: ({ x, weight }) => ({ loss: add(x, w.sum()), weight }),
      optimizer: descent(1),
      batchSize: 2,
      workers: 1,
    });
    const without = [
      { x: NaN, weight: false },
      { x: 3, weight: false },
    ];
    for await (const event of trainer.fit(without, { epochs: 1 }))
      if (event.kind === "step")
        expect(event).toMatchObject({ loss: 0, weight: 0, gradientNorm: 0 });
    expect(w.get().toArray()).toEqual([1]);
    for await (const event of trainer.fit(
      [
        { x: NaN, weight: false },
        { x: 3, weight: true },
      ],
      { epochs: 1 },
    ))
      if (event.kind === "step") expect(event).toMatchObject({ loss: 4, weight: 1 });
    expect(w.get().toArray()).toEqual([0]);
    await trainer.close();
  });

  it("adds parameters of several megabytes and both dtypes in stripes, with the same bits", async () => {
    const run = async (workers: number): Promise<readonly number[]> => {
      const value = (n: number): Float32Array =>
        Float32Array.from({ length: n }, (_, i) => (i % 7) / 8);
      const a: Shared<"float32"> = shared(new NDArray("float32", [3, 40000], value(120000)), {
        name: "a",
      });
      const b = shared(new NDArray("float64", [3, 20001], Float64Array.from(value(60003))), {
        name: "b",
      });
      const trainer = await createTrainer({
        data: { x: field("float32", [3]) },
        model: ({ x }) => ({
          loss: add(sum(sqr(x.dot(a)), 1), sum(sqr(cast(x, "float64").dot(b)), 1)).mul(1e-6),
        }),
        optimizer: descent(0.1),
        batchSize: 6,
        shards: 3,
        workers,
      });
      const some = Array.from({ length: 12 }, (_, i) => ({ x: [i % 5, 1 / (i + 1), 0.3] }));
      for await (const event of trainer.fit(some, { epochs: 2 })) void event;
      await trainer.close();
      return [...a.get().data, ...b.get().data];
    };
    const one = await run(1);
    expect(one.slice(0, 3)).not.toEqual([0, 0.125, 0.25]);
    expect(await run(3)).toEqual(one);
  });
});

describe("Adam with clipping", () => {
  it("has the same bits for any workers and when one dies in the middle of an update", async () => {
    const optimizer = (): { optimizer: ReturnType<typeof adam> } => ({
      optimizer: adam({ learningRate: 3e-3, clipNorm: 1 }),
    });
    const expected = await train(optimizer());
    const killed = await train({
      ...optimizer(),
      workers: 2,
      internal: { faults: [{ step: 2, phase: "finish", action: "exit" }] },
    });
    expect(killed.bits).toBe(expected.bits);
    expect(killed.losses).toEqual(expected.losses);
  });
});
