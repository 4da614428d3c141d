/** Dropout in a recurrence, with one mask for each sequence or for each step: held to a loop written out over the same masks. */
import { describe, expect, test } from "vitest";
import {
  compile,
  evaluate,
  grad,
  scan,
  shared,
  sqr,
  stepResult,
  sum,
  tanh,
  tensor,
  vector,
  where,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { randomStream } from "../../src/random.ts";

const rate = 0.25;
const [T, B, H] = [5, 3, 4];
const dropped = (x: Tensor, kept: Tensor): Tensor => where(kept, x.mul(1 / (1 - rate)), 0);

/** h[t] = drop(tanh(x[t] + w h[t-1])), and the masks that it drew. */
function makeModel(each: "step" | "sequence") {
  const x = tensor("x", { shape: ["T", "B", H], dtype: "float64" });
  const lengths = vector("lengths", { dtype: "int32" });
  const w = shared([0.5, -0.8, 1.1, 0.3], { name: "w", dtype: "float64" });
  const noise = randomStream(21, "noise");
  const draw = (): Tensor => noise.bernoulli(1 - rate, [x.size(1), H]);
  const once = draw();
  const next = (u: Tensor, h: Tensor): Tensor => tanh(u.add(h.mul(w)));
  const start = zeros([x.size(1), H], "float64");
  const trained = scan({
    sequences: { u: x },
    init: { h: start },
    lengths,
    step({ u, h }) {
      const kept = each === "step" ? draw() : once;
      return stepResult({ h: dropped(next(u, h), kept), kept }, { updates: noise.updates() });
    },
  });
  const predicted = scan(next, { sequences: x, outputsInfo: start, lengths });
  const cost = sum(sqr(trained.outputs.h));
  const outputs = {
    h: trained.outputs.h,
    kept: trained.outputs.kept,
    predicted: predicted.outputs,
    ofInputs: grad(cost, x),
    ofWeights: grad(cost, w),
  };
  return { inputs: { x, lengths }, outputs, updates: trained.updates, noise };
}

const values = {
  x: Array.from({ length: T }, (_, t) =>
    Array.from({ length: B }, (_, b) =>
      Array.from({ length: H }, (_, j) => ((3 * t + 5 * b + 7 * j) % 11) / 5 - 1),
    ),
  ),
  lengths: [5, 3, 4],
};
const weights = [0.5, -0.8, 1.1, 0.3];

/** The loop written out, forwards and backwards, for given masks `[T, B, H]`. */
function byHand(kept: readonly boolean[][][]) {
  const make = (): number[][][] => values.x.map((rows) => rows.map((row) => row.map(() => 0)));
  const [h, slopes] = [make(), make()];
  const ofWeights = weights.map(() => 0);
  for (const [b, length] of values.lengths.entries())
    for (const [j, w] of weights.entries()) {
      const at = (grid: readonly number[][][], t: number): number => grid[t]?.[b]?.[j] ?? 0;
      const scale = (t: number): number => (kept[t]?.[b]?.[j] === true ? 1 / (1 - rate) : 0);
      const bare = (t: number): number => Math.tanh(at(values.x, t) + w * at(h, t - 1));
      const put = (grid: number[][][], t: number, value: number): void => {
        grid[t]?.[b]?.splice(j, 1, value);
      };
      for (let t = 0; t < length; t++) put(h, t, bare(t) * scale(t));
      for (let t = length - 1, later = 0; t >= 0; t--) {
        const slope = (2 * at(h, t) + later) * scale(t) * (1 - bare(t) ** 2);
        put(slopes, t, slope);
        ofWeights[j] = (ofWeights[j] ?? 0) + slope * at(h, t - 1);
        later = slope * w;
      }
    }
  return { h, slopes, ofWeights };
}

const close = (found: unknown, wanted: unknown): void => {
  const [x, y] = [[found].flat(4) as number[], [wanted].flat(4) as number[]];
  expect(x.length).toBe(y.length);
  x.forEach((value, i) => expect(value).toBeCloseTo(y[i] ?? NaN, 12));
};

describe.each(["step", "sequence"] as const)("one mask for each %s", (each) => {
  test("values and gradients are those of a loop over the same masks, compiled or not", async () => {
    const { inputs, outputs, updates, noise } = makeModel(each);
    const wanted = evaluate(outputs, values);
    const kept = wanted.kept.toArray() as boolean[][][];
    const loop = byHand(kept);
    close(wanted.h.toArray(), loop.h);
    close(wanted.ofInputs.toArray(), loop.slopes);
    close(wanted.ofWeights.toArray(), loop.ofWeights);
    // Masks of the first sequence, which has all steps.
    const masks = new Set(kept.map((rows) => String(rows[0])));
    expect(masks.size > 1).toBe(each === "step");
    for (const optimize of ["full", "fast", "none"] as const) {
      noise.state.set(0);
      const call = await compile({ inputs, outputs, updates, optimize });
      const found = call(values);
      expect(found.kept.toArray()).toEqual(wanted.kept.toArray());
      close(found.h.toArray(), loop.h);
      close(found.predicted.toArray(), wanted.predicted.toArray());
      close(found.ofInputs.toArray(), loop.slopes);
      close(found.ofWeights.toArray(), loop.ofWeights);
      expect(call(values).kept.toArray()).not.toEqual(wanted.kept.toArray());
      call.dispose();
    }
  });
  test("padding may be NaN, and changes nothing", () => {
    const { outputs } = makeModel(each);
    const padded = values.x.map((rows, t) =>
      rows.map((row, b) => (t < (values.lengths[b] ?? 0) ? row : row.map(() => NaN))),
    );
    const longer = [
      ...padded,
      ...padded.slice(0, 2).map((rows) => rows.map(() => [NaN, NaN, NaN, NaN])),
    ];
    const wanted = evaluate(outputs, values);
    const found = evaluate(outputs, { ...values, x: longer });
    for (const name of ["h", "ofInputs"] as const)
      expect([...found[name].data].slice(0, T * B * H), name).toEqual([...wanted[name].data]);
    expect(found.ofWeights.toArray()).toEqual(wanted.ofWeights.toArray());
  });
});

test("what is dropped keeps its mean", async () => {
  const noise = randomStream(22, "noise");
  const x = vector("x");
  const { outputs, updates } = scan(
    () =>
      stepResult(dropped(x, noise.bernoulli(1 - rate, [x.size(0)])), { updates: noise.updates() }),
    { nSteps: 20_000 },
  );
  const call = await compile({
    inputs: { x },
    outputs: { mean: sum(outputs, 0).mul(1 / 20_000) },
    updates,
  });
  const given = [1, -2, 0.5];
  // One mask spreads a unit by √(rate / (1 - rate)).
  const error = Math.sqrt(rate / (1 - rate) / 20_000);
  const means = [...call({ x: given }).mean.data];
  means.forEach((mean, i) =>
    expect(Math.abs(mean / (given[i] ?? 1) - 1) / error).toBeLessThan(3.3),
  );
});
