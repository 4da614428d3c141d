/** Neither the contents nor the amount of padding changes a bit of a result. */
import { describe, expect, test } from "vitest";
import { compile, Store, NDArray } from "../../src/index.ts";
import { maskedGru, type Model } from "./models.ts";

type Values = Readonly<Record<string, NDArray>>;

/** One step from fresh parameters: the cost and every parameter after it. */
async function results(model: Model, values: Values): Promise<number[][]> {
  const step = await compile({
    inputs: model.inputs,
    outputs: { cost: model.cost },
    updates: model.updates,
    store: new Store(),
  });
  const { cost } = step(values);
  return [[...cost.data], ...model.updates.map(([target]) => [...target.get().data])];
}

function padded(values: Values, extra: number, filler: number): Values {
  const { x, lengths } = values;
  if (x === undefined || lengths === undefined) throw new Error("no x");
  const [T = 0, B = 0, I = 0] = x.shape;
  const data = new Float32Array((T + extra) * B * I).fill(filler);
  for (let t = 0; t < T; t++)
    for (let b = 0; b < B; b++)
      for (let i = 0; i < I; i++)
        if (t < (lengths.data[b] ?? 0))
          data[(t * B + b) * I + i] = x.data[(t * B + b) * I + i] ?? 0;
  return { ...values, x: new NDArray("float32", [T + extra, B, I], data) };
}

describe.each([
  [0, 0],
  [0, NaN],
  [0, Infinity],
  [3, NaN],
  [7, -1e30],
] as const)("padded by %d more steps filled with %d", (extra, filler) => {
  test("gives the same cost and the same update, bit for bit", async () => {
    const values = maskedGru().values(9, 6);
    expect(await results(maskedGru(), padded(values, extra, filler))).toEqual(
      await results(maskedGru(), values),
    );
  });
});
