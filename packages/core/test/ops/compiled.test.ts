/** Every row of the op table as WebAssembly, with and without passes: values and gradients are those of the reference. */
import { expect, test } from "vitest";
import { gradients } from "../../src/autodiff/grad.ts";
import { bindSizes } from "../../src/graph/evaluate.ts";
import type { NDArray } from "../../src/graph/ndarray.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { sqr } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { constant } from "../../src/ops/constant.ts";
import { build } from "../../src/runtime/build.ts";
import { HostLog } from "../../src/runtime/host-log.ts";
import { CompiledGraph } from "../../src/runtime/compiled-graph.ts";
import { Store } from "../../src/runtime/store.ts";
import { at, context, expectClose, inputsFor, onCases, toSingle, valueOf } from "./check-op.ts";
import { opSpecs, type OpSpec } from "./specs.ts";

const store = new Store();

function runCompiled(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  arrays: readonly NDArray[],
  optimize: "full" | "none",
): NDArray[] {
  const named = inputs.map((tensor, i) => [`x${i}`, tensor] as const);
  const built = build({
    name: "op",
    inputs: named,
    outputs: outputs.map((tensor, i) => [`y${i}`, tensor] as const),
    updates: [],
    sharedMemory: store.isShared,
    optimize,
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(built.bytes), {
    env: { memory: store.memory },
  });
  for (const [i, tensor] of inputs.entries())
    bindSizes(tensor, at(arrays, i), new Map(), new Map());
  const call = { label: "op", inputs: named, checks: [], sizeSources: [] };
  const log = new HostLog(built.plan.events, store, () => undefined);
  const compiled = new CompiledGraph(store, built, instance, call, log);
  const values = compiled.run(arrays);
  compiled.dispose();
  return values;
}

function slopesOf(cost: Tensor, wrt: readonly Tensor[]): Tensor[] {
  return gradients(context, cost, constant(1, cost.dtype), wrt, { onDisconnected: () => {} });
}

function checkCompiled(
  spec: OpSpec,
  arrays: readonly NDArray[],
  symbolic: boolean,
  optimize: "full" | "none",
): void {
  const inputs = inputsFor(arrays, symbolic);
  const output = spec.build(...inputs);
  const wrt = spec.wrt.map((i) => at(inputs, i));
  const slopes = wrt.length === 0 ? [] : slopesOf(sum(sqr(output)), wrt);
  const outputs = [output, ...slopes];
  const values = runCompiled(outputs, inputs, arrays, optimize);
  const single = outputs.some((y) => y.dtype === "float32");
  for (const [i, y] of outputs.entries())
    expectClose(at(values, i), valueOf(y, inputs, arrays), single ? 3e-5 : 1e-11);
}

for (const spec of opSpecs)
  if (spec.lower)
    test(`${spec.name} and its gradient, compiled, are those of the reference`, () => {
      onCases(spec, (arrays, symbolic) => {
        for (const dtyped of [arrays, toSingle(arrays)])
          for (const optimize of ["full", "none"] as const)
            checkCompiled(spec, dtyped, symbolic, optimize);
      });
    });

test("the table has rows", () => {
  expect(opSpecs.filter((spec) => spec.lower).length).toBeGreaterThan(100);
});
