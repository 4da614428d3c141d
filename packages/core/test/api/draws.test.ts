/** Random numbers whose shape is that of an input, also inside a loop: the same compiled and evaluated. */
import { expect, test } from "vitest";
import {
  compile,
  evaluate,
  matrix,
  scan,
  shared,
  stepResult,
  vector,
  zeros,
} from "../../src/index.ts";
import { bernoulli, foldIn, key, normal, randint, split, uniform } from "../../src/random.ts";

test("draws take sizes of inputs as zeros does", async () => {
  const x = matrix("x");
  const [rows, columns] = [x.size(0), x.size(1)];
  const outputs = {
    uniform: uniform(key(1), [rows, columns], { low: -1 }),
    normal: normal(key(2), [rows, 2]),
    kept: bernoulli(key(3), 0.5, [columns]),
    numbers: randint(key(4), 0, 9, [rows]),
    keys: split(key(5), rows),
  };
  const call = await compile({ inputs: { x }, outputs });
  const values = { x: [[1, 2, 3]] };
  const [found, wanted] = [call(values), evaluate(outputs, values)];
  expect(found.uniform.shape).toEqual([1, 3]);
  expect(found.keys.shape).toEqual([1, 2]);
  for (const name of ["uniform", "kept", "numbers", "keys"] as const)
    expect(found[name].toArray()).toEqual(wanted[name].toArray());
});

test("a stream in a padded loop: a counter that each step updates", async () => {
  const [x, lengths] = [matrix("x"), vector("lengths", { dtype: "int32" })];
  const n = shared(0, { name: "n", dtype: "int32" });
  const { outputs, updates } = scan(
    (row, h) => {
      const kept = bernoulli(foldIn(key(7), n), 0.5, [lengths.size(0)]);
      return stepResult(h.add(row.mul(kept)), { updates: [[n, n.add(1)]] });
    },
    { sequences: x, outputsInfo: zeros([lengths.size(0)]), lengths },
  );
  const values = { x: Array.from({ length: 8 }, () => [1, 1]), lengths: [8, 3] };
  const wanted = evaluate(outputs, values).toArray();
  const call = await compile({ inputs: { x, lengths }, outputs: { outputs }, updates });
  expect(call(values).outputs.toArray()).toEqual(wanted);
  expect(n.get().item()).toBe(8);
  expect(call(values).outputs.toArray()).not.toEqual(wanted);
});
