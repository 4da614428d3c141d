/** Times by the names of what is computed. */
import { expect, test } from "vitest";
import { compile, grad, scan, sum, tensor3, zeros, type Tensor } from "../../src/index.ts";
import { lstm } from "../../src/nn.ts";
import { key } from "../../src/random.ts";

test("a training step of an LSTM, kernel by kernel", async () => {
  const x = tensor3("x");
  const cell = lstm({ inputSize: 3, hiddenSize: 4, key: key(1), name: "lstm" });
  const state = (name: string): Tensor => Object.assign(zeros([x.size(1), 4]), { name });
  const { final } = scan({
    sequences: { x },
    init: { h: state("h"), c: state("c") },
    step: cell.step as never,
    name: "lstm",
  }) as { readonly final: { readonly h: Tensor } };
  const cost = sum(final.h);
  const { parameters } = cell;
  const spec = {
    inputs: { x },
    outputs: { cost },
    updates: parameters.map((p) => [p, p.sub(grad(cost, p))] as const),
    name: "train",
  };
  const train = await compile({ ...spec, profile: true });
  const values = {
    x: Array.from({ length: 5 }, () => [
      [1, 2, 3],
      [4, 5, 6],
    ]),
  };
  train(values);
  train(values);
  const profile = train.profile();
  expect(profile.calls).toBe(2);
  expect(profile.kernels.length).toBeGreaterThan(5);
  const steps = profile.kernels.filter(({ count }) => count === 10);
  expect(steps.length).toBeGreaterThan(1);
  const within = profile.kernels.reduce((total, kernel) => total + kernel.milliseconds, 0);
  expect(within).toBeGreaterThan(0);
  expect(within).toBeLessThanOrEqual(profile.milliseconds);
  const names = profile.kernels.map(({ name }) => name);
  expect(names).toContain("lstm: h[t-1] @ lstm.Wh");
  expect(names).toContain("pack lstm.Wx");
  expect(profile.toString()).toMatch(/^2 calls, .* ms\nkernel +runs +ms +share\n/);
  expect(profile.toString()).toMatch(/^lstm: h\[t-1\] @ lstm\.Wh +10 /m);
  const plain = await compile(spec);
  expect(() => plain.profile()).toThrowErrorMatchingInlineSnapshot(`
    [ArgumentError: PROFILE_OFF: train was compiled without timers
      hint: compile({ ..., profile: true })]
  `);
});
