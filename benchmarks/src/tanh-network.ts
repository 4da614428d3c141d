/** h = tanh(x Wx + h Wh), x `[T, B, 8]`: the recurrence that scan is timed with. */
import {
  dot,
  scan,
  shared,
  tanh,
  tensor,
  zeros,
  type Shared,
  type SizeSpec,
  type Tensor,
} from "@scan-train/core";
import { symmetric } from "./numbers.ts";

export const inputSize = 8;

type Float32 = Tensor<"float32">;

export interface TanhNetwork {
  readonly parameters: readonly Shared[];
  readonly step: (row: Float32, h: Float32) => Float32;
}

export function tanhNetwork(H: number): TanhNetwork {
  const Wx = shared(symmetric(1, [inputSize, H], 0.5), { name: "Wx" });
  const Wh = shared(symmetric(2, [H, H], 1 / Math.sqrt(H)), { name: "Wh" });
  return {
    parameters: [Wx, Wh],
    step: (row, h) => tanh(dot(row, Wx).add(dot(h, Wh))),
  };
}

/** Over a whole sequence. */
export function unrolled(
  { step }: TanhNetwork,
  H: number,
  sizes: readonly [SizeSpec, SizeSpec],
): { readonly x: Tensor; readonly all: Tensor; readonly final: Tensor } {
  const x = tensor("x", { shape: [...sizes, inputSize] });
  const { outputs, final } = scan({
    sequences: { x },
    init: { h: zeros([x.size(1), H]) },
    step: ({ x: row, h }) => ({ h: step(row, h) }),
  });
  return { x, all: outputs.h, final: final.h };
}
