/** A small recurrent model with a loss per step, and data of very unequal lengths with a mask with holes. */
import {
  dot,
  mul,
  NDArray,
  scan,
  shared,
  sqr,
  sub,
  tanh,
  where,
  zeros,
  type Shared,
  type Tensor,
  type Update,
} from "@scan-train/core";
import {
  createDataset,
  ragged,
  type Dataset,
  type ModelInputs,
  type ModelResult,
  type Optimizer,
} from "../../src/node.ts";
import { philox } from "../../src/data/philox.ts";

export const fields = {
  x: ragged("float32", [2]),
  y: ragged("float32"),
  mask: ragged("bool"),
};
export type AveragingFields = typeof fields;

const random = (n: number, at: number): number => philox([n, at, 0, 9], [77, 0])[0] / 0x100000000;

export interface AveragingRow {
  readonly x: number[][];
  readonly y: number[];
  readonly mask: boolean[];
}

/** Lengths 1 to 200, holes in the mask; the losses of long rows are larger. */
export function averagingRows(count: number): AveragingRow[] {
  return Array.from({ length: count }, (_, row) => {
    const length = row % 4 === 0 ? 200 - (row % 7) : 1 + (row % 6);
    const steps = Array.from({ length }, (_, t) => row * 1000 + t);
    return {
      x: steps.map((s) => [random(s, 0) - 0.5, random(s, 1) - 0.5]),
      y: steps.map((s) => (length > 100 ? 2 : 0) + random(s, 2)),
      mask: steps.map((s, t) => t === 0 || random(s, 3) > 0.3),
    };
  });
}

export const averagingData = (count: number): Dataset<AveragingFields> =>
  createDataset(fields, averagingRows(count));

export interface Weights {
  readonly Wx: Shared<"float32">;
  readonly Wh: Shared<"float32">;
  readonly Wo: Shared<"float32">;
}

export function initial(): Record<keyof Weights, NDArray<"float32">> {
  const values = (n: number, at: number): Float32Array =>
    Float32Array.from({ length: n }, (_, i) => random(i, at) - 0.5);
  return {
    Wx: new NDArray("float32", [2, 3], values(6, 5)),
    Wh: new NDArray("float32", [3, 3], values(9, 6)),
    Wo: new NDArray("float32", [3], values(3, 7)),
  };
}

export function makeWeights(): Weights {
  const { Wx, Wh, Wo } = initial();
  return {
    Wx: shared(Wx, { name: "Wx" }),
    Wh: shared(Wh, { name: "Wh" }),
    Wo: shared(Wo, { name: "Wo" }),
  };
}

/** Squared errors per step `[T, B]`. */
export function stepLosses(
  w: Record<keyof Weights, Tensor>,
  x: Tensor,
  y: Tensor,
  mask: Tensor<"bool">,
  memory?: string,
): Tensor {
  const size = x.shape[1];
  if (size === undefined) throw new RangeError("x has no batch axis");
  const { outputs } = scan({
    sequences: { x },
    init: { h: zeros([size, 3], x.dtype as "float32") },
    mask,
    ...(memory === undefined ? {} : { memory }),
    step: ({ x: x_t, h }) => ({ h: tanh(dot(x_t, w.Wx).add(dot(h, w.Wh))) }),
  });
  // A target that is NaN where the mask is false would make the derivative of the square NaN, whatever is selected later.
  return sqr(sub(dot(outputs.h, w.Wo), where(mask, y, 0)));
}

export const averagingModel =
  (w: Weights, memory?: string) =>
  ({ x, y, mask }: ModelInputs<AveragingFields>): ModelResult => {
    const loss = stepLosses(w, x, y, mask, memory);
    return { loss, metrics: { double: mul(loss, 2) } };
  };

/** Plain gradient descent: w - rate * g. */
export const descent = (rate: number): Optimizer => ({
  updates: (parameters, gradients) =>
    parameters.map((p, i): Update => [p, sub(p, mul(gradients[i] ?? p, rate))]),
});

/** Descent with a momentum that is state of its own. */
export const momentum = (rate: number): Optimizer => ({
  updates: (parameters, gradients) =>
    parameters.flatMap((p, i): Update[] => {
      const value = p.get();
      const v = shared(new NDArray("float32", value.shape, new Float32Array(value.data.length)), {
        name: `${p.name ?? ""}.momentum`,
      });
      const next = v.mul(0.9).add(gradients[i] ?? p);
      return [
        [v, next],
        [p, sub(p, mul(next, rate))],
      ];
    }),
});
