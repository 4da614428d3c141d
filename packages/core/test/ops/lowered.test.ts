import { expect, test } from "vitest";
import { gradients } from "../../src/autodiff/grad.ts";
import type { NDArray } from "../../src/graph/ndarray.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { sqr } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { constant } from "../../src/ops/constant.ts";
import { index, setSubtensor, take } from "../../src/ops/subtensor.ts";
import { at, context, expectClose, inputsFor, onCases, toSingle, valueOf } from "./check-op.ts";
import { interpretGraph } from "./check-lowered.ts";
import { given, real } from "./samples.ts";
import { opSpecs, type OpSpec } from "./specs.ts";

function slopesOf(cost: Tensor, wrt: readonly Tensor[]): Tensor[] {
  return gradients(context, cost, constant(1, cost.dtype), wrt, { onDisconnected: () => {} });
}

function checkLowered(spec: OpSpec, arrays: readonly NDArray[], symbolic: boolean): void {
  const inputs = inputsFor(arrays, symbolic);
  const output = spec.build(...inputs);
  const wrt = spec.wrt.map((i) => at(inputs, i));
  const slopes = wrt.length === 0 ? [] : slopesOf(sum(sqr(output)), wrt);
  const outputs = [output, ...slopes];
  const { values, failure } = interpretGraph(outputs, inputs, arrays);
  expect(failure).toBeUndefined();
  const single = outputs.some((y) => y.dtype === "float32");
  for (const [i, y] of outputs.entries())
    expectClose(at(values, i), valueOf(y, inputs, arrays), single ? 3e-5 : 1e-11);
}

for (const spec of opSpecs)
  if (spec.lower)
    test(`${spec.name} and its gradient, lowered, are those of the reference`, () => {
      onCases(spec, (arrays, symbolic) => {
        for (const dtyped of [arrays, toSingle(arrays)]) checkLowered(spec, dtyped, symbolic);
      });
    });

test("an index outside its axis fails with the names of both tensors, and no access leaves the array", () => {
  const arrays = [real(3, 2), given("int32", [2], [1, 3])];
  const inputs = inputsFor(arrays, true);
  const [x, i] = [at(inputs, 0), at(inputs, 1)];
  for (const y of [take(x, i), setSubtensor(x, [i], 0), index(x, i, 0)])
    expect(interpretGraph([y], inputs, arrays).failure).toBe(
      '"x1" points outside axis 0 of "x0", whose size is n3',
    );
});
