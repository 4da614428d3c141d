/** Pieces that several sums share, as the gates of a GRU: each sum is one concatenation, and nothing is added to zeros. */
import { expect, test } from "vitest";
import { compile, evaluate, grad, sqr, Store, sum, tensor } from "../../src/index.ts";
import { gru, run } from "../../src/nn.ts";
import { key } from "../../src/random.ts";
import { numbers } from "../runtime/models.ts";

test("the gradient of a GRU adds no slices to zeros", async () => {
  const x = tensor("x", { shape: ["T", 2, 3] });
  const cell = gru({ inputSize: 3, hiddenSize: 4, key: key(1), name: "gru" });
  const { outputs } = run(cell, x);
  const gradients = grad(sum(sqr(outputs.h)), [x, ...cell.parameters]);
  const named = Object.fromEntries(gradients.map((g, i) => [`g${i}`, g]));
  const f = await compile({ inputs: { x }, outputs: named, store: new Store() });
  expect(f.explain()).not.toContain("addToSlice");
  const given = { x: numbers(1, [3, 2, 3]) };
  const got = f(given);
  for (const [name, g] of Object.entries(named)) {
    const wanted = evaluate(g, given);
    expect(got[name]?.shape).toEqual(wanted.shape);
    for (const [i, y] of (got[name]?.data ?? []).entries())
      expect(y).toBeCloseTo(wanted.data[i] ?? NaN, 5);
  }
});
