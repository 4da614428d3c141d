/**
 * A process by itself, which `enableWideSimd` starts: trains a small network with wide vectors and without, in single and double
 * precision, at sizes around those of tiles and vectors. Ends with 0 where all bits agree, 3 where they do not. An engine that cannot do it
 * may end the process, and only this one.
 */
import { setFlagsFromString } from "node:v8";
import {
  NDArray,
  compile,
  dot,
  exp,
  grad,
  scan,
  sum,
  tanh,
  tensor,
  transpose,
} from "@scan-train/core";
import { setWideSimd } from "@scan-train/core/backend-kit";
import { joinVectors } from "./wide-flag.ts";

const sizes = [
  [1, 1, 1, 3],
  [2, 1, 7, 50],
  [2, 4, 16, 16],
  [3, 5, 9, 17],
  [2, 13, 300, 40],
  [3, 32, 2, 64],
] as const;

type Float = "float32" | "float64";
type Sizes = (typeof sizes)[number];

async function network(dtype: Float): Promise<(sizes: Sizes) => readonly Uint8Array[]> {
  const x = tensor("x", { shape: ["T", "B", "I"], dtype });
  const h0 = tensor("h0", { shape: ["B", "H"], dtype });
  const W = tensor("W", { shape: ["I", "H"], dtype });
  const U = tensor("U", { shape: ["H", "H"], dtype });
  const b = tensor("b", { shape: ["H"], dtype });
  const { outputs, final } = scan({
    sequences: { x },
    init: { h: h0 },
    step: ({ x: row, h }) => ({ h: tanh(dot(row, W).add(dot(h, U)).add(b)) }),
  });
  const cost = sum(exp(outputs.h));
  const [dW, dU, dh, db] = grad(cost, [W, U, h0, b]);
  const columns = sum(h0.mul(final.h), 0);
  const products = { square: dot(transpose(U), U), far: dot(h0, transpose(U)) };
  const train = await compile({
    inputs: { x, h0, W, U, b },
    outputs: { cost, h: outputs.h, dW, dU, dh, db, columns, ...products },
  });
  const value = (shape: readonly number[], seed: number) => {
    const numbers = Array.from(
      { length: shape.reduce((n, size) => n * size, 1) },
      (_, i) => (((i + seed) * 7919) % 1009) / 2018 - 0.25,
    );
    const data = dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
    return new NDArray<Float>(dtype, shape, data);
  };
  return ([T, B, I, H]) => {
    const results = train({
      x: value([T, B, I], 1),
      h0: value([B, H], 2),
      W: value([I, H], 3),
      U: value([H, H], 4),
      b: value([H], 5),
    });
    return Object.values(results).map(({ data }) => {
      const { buffer, byteOffset, byteLength } = data;
      return new Uint8Array(buffer, byteOffset, byteLength).slice();
    });
  };
}

async function allResults(): Promise<readonly Uint8Array[]> {
  const networks = [await network("float32"), await network("float64")];
  return networks.flatMap((run) => sizes.flatMap((each) => run(each)));
}

const without = await allResults();
setFlagsFromString(joinVectors);
setWideSimd(true);
const wide = await allResults();
const isSame = without.every(
  (bytes, i) => Buffer.compare(bytes, wide[i] ?? bytes.subarray(1)) === 0,
);
process.exitCode = isSame ? 0 : 3;
