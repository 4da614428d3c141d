/** Golden cases that must fail, at the stage at which Theano fails or earlier, with our own errors. */
import { expect } from "vitest";
import {
  constant,
  dot,
  evaluate,
  grad,
  gt,
  index,
  matrix,
  NDArray,
  scalar,
  scan,
  shared,
  stepResult,
  sum,
  vector,
  type Tensor,
} from "../../src/index.ts";

const code = (expected: string): { readonly code: string } =>
  expect.objectContaining({ code: expected }) as { readonly code: string };

export const errorCases: Readonly<Record<string, () => void>> = {
  "err-dot-shape-mismatch": () =>
    expect(() =>
      evaluate(dot(matrix("a"), matrix("b")), {
        a: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        b: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toThrow(code("SIZE_MISMATCH")),
  "err-function-downcast": () =>
    expect(() =>
      evaluate(vector("x").mul(2), { x: new NDArray("float64", [1], new Float64Array([1])) }),
    ).toThrow(code("INPUT_DTYPE")),
  "err-function-unused-input": () =>
    expect(() => evaluate(vector("x").mul(2), { x: [1], y: [2] })).toThrow(
      code("EVALUATE_UNKNOWN"),
    ),
  "err-grad-disconnected": () =>
    expect(() => grad(sum(vector("a")), vector("b"))).toThrow(code("GRAD_DISCONNECTED")),
  "err-inconsistent-broadcast-grad": () =>
    expect(() =>
      scan((x, y) => x.add(y), {
        sequences: [tensor3Like()],
        outputsInfo: constant([[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]),
      }),
    ).toThrow(code("SCAN_CARRY")),
  // A friendlier answer than Theano's error: an untyped number takes the dtype of the result.
  "err-initial-int-result-float": () =>
    expect(
      evaluate(scan((x, r) => r.add(x), { sequences: vector("x"), outputsInfo: 0 }).outputs, {
        x: [0.5, 1],
      }).toArray(),
    ).toEqual([0.5, 1.5]),
  "err-len-of-variable": () =>
    expect(() => [...(matrix("X") as unknown as Iterable<unknown>)]).toThrow(code("NO_VALUE")),
  "err-nsteps-float": () =>
    expect(() =>
      scan((x) => x.mul(2), {
        outputsInfo: scalar("x0"),
        nSteps: scalar("n") as unknown as Tensor<"int32">,
      }),
    ).toThrow(code("SCAN_NSTEPS")),
  // A friendlier answer than Theano's error: no rows, as its documentation promises.
  "err-nsteps-zero": () => {
    const { outputs, final } = scan((x) => x.mul(2), {
      outputsInfo: scalar("x0"),
      nSteps: scalar("n", { dtype: "int32" }),
    });
    const values = evaluate({ outputs, final }, { x0: 3, n: 0 });
    expect(values.outputs.toArray()).toEqual([]);
    expect(values.final.item()).toBe(3);
  },
  "err-output-tap-zero": () =>
    expect(() =>
      scan((y: Tensor) => y, { outputsInfo: { initial: vector("y"), taps: [0] }, nSteps: 2 }),
    ).toThrow(code("SCAN_TAPS")),
  "err-scalar-sequence": () =>
    expect(() => scan((x) => x, { sequences: scalar("x") })).toThrow(code("SCAN_SEQUENCE_RANK")),
  "err-step-returns-number": () =>
    expect(() => scan((() => 3) as unknown as () => Tensor, { nSteps: 2 })).toThrow(
      code("SCAN_STEP_RESULT"),
    ),
  "err-too-many-indices": () =>
    expect(() => index(vector("x"), 0, 0)).toThrow(code("TOO_MANY_INDICES")),
  "err-update-twice": () => {
    const s = shared(0, { name: "s" });
    expect(() =>
      stepResult(undefined, {
        updates: [
          [s, s.add(1)],
          [s, s.add(2)],
        ],
      }),
    ).toThrow(code("SCAN_UPDATES"));
  },
  "err-variable-in-if": () => expect(() => Number(gt(vector("x"), 0))).toThrow(code("NO_VALUE")),
  "initial-too-short-for-taps": () => {
    const { outputs } = scan((a: Tensor, b: Tensor) => a.add(b), {
      outputsInfo: { initial: vector("x0"), taps: [-3, -1] },
      nSteps: 4,
    });
    expect(() => evaluate(outputs, { x0: [1, 2] })).toThrow(/needs at least 3 rows/);
  },
};

function tensor3Like(): Tensor {
  return vector("x").reshape([-1, 1, 1]).add(matrix("y"));
}
