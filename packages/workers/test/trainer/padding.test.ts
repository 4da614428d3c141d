/** Steps that a sequence does not have count for nothing, whatever the model makes of them. */
import {
  max,
  onesLike,
  scan,
  shared,
  sqr,
  sqrt,
  sum,
  where,
  zeros,
  type Tensor,
} from "@scan-train/core";
import { expect, it } from "vitest";
import {
  createTrainer,
  ragged,
  type ModelInputs,
  type ModelResult,
  type TrainerEvent,
} from "../../src/node.ts";
import { descent } from "./averaging-model.ts";

const fields = { x: ragged("float64", [2]) };
type Model = (inputs: ModelInputs<typeof fields>, w: Tensor) => ModelResult;
const rows = [1, 5, 2, 9, 3, 4].map((length) => ({
  x: Array.from({ length }, (_, t) => [t + 1, length - t + 0.5]),
}));

type Step = Extract<TrainerEvent, { kind: "step" }>;

/** One update with all rows. */
async function train(model: Model, poke = {}): Promise<{ readonly step: Step | undefined }> {
  const w = shared(0.5, { name: "w", dtype: "float64" });
  const trainer = await createTrainer({
    data: fields,
    model: (inputs) => model(inputs, w),
    optimizer: descent(0.1),
    batchSize: rows.length,
    shards: 2,
    workers: 1,
    internal: { poke },
  });
  const steps: Step[] = [];
  try {
    for await (const event of trainer.fit(rows, { epochs: 1 }))
      if (event.kind === "step") steps.push(event);
  } finally {
    await trainer.close();
  }
  return { step: steps[0] };
}

const steps = rows.flatMap(({ x }) => x);

it("a weight of the model's own does not bring padding back", async () => {
  const model: Model = ({ x }, w) => {
    const loss = sum(sqr(x.mul(w)), 2).sub(1);
    return { loss, weight: onesLike(loss) };
  };
  const { step } = await train(model);
  expect(step?.weight).toBe(steps.length);
  const total = steps.reduce((n, [a = 0, b = 0]) => n + (a * a + b * b) / 4 - 1, 0);
  expect(step?.loss).toBeCloseTo(total / steps.length, 10);
  expect((await train(model, { extraSteps: 3 })).step?.loss).toBe(step?.loss);
});

it("a root of padding outside of loops ends the run with the remedy, and the remedy works", async () => {
  const model =
    (safe: (total: Tensor, mask: Tensor) => Tensor): Model =>
    ({ x, mask }, w) => ({ loss: sqrt(safe(sum(x.mul(w), 2), mask)) });
  await expect(train(model((total) => total))).rejects.toThrow(
    /NON_FINITE_GRADIENT[\s\S]*where\(mask, x, 1\)/,
  );
  const { step } = await train(model((total, mask) => where(mask, total, 1)));
  const slopes = steps.map(([a = 0, b = 0]) => Math.sqrt(a + b) / Math.sqrt(0.5) / 2);
  const slope = slopes.reduce((m, n) => m + n, 0) / steps.length;
  expect(step?.gradientNorm).toBeCloseTo(slope, 10);
});

it("a number of steps that is a value is refused with the remedy", async () => {
  const model: Model = ({ x, lengths }, w) => {
    const { final } = scan((row, h) => h.add(sum(row, 1).mul(w)), {
      sequences: x,
      outputsInfo: zeros([lengths.size(0)], "float64"),
      nSteps: max(lengths),
    });
    return { loss: sqr(final) };
  };
  await expect(train(model)).rejects.toThrow(
    /PLAN_SIZE: model gradient: .* gives a number of steps[\s\S]*x\.size\(0\)/,
  );
});
