/** Results of a device in arrays of the caller. */
import { compile, shared, tensor } from "@scan-train/core";
import { expect, test } from "vitest";
import { interpreter } from "./conformance/interpreter-backend.ts";

const x = tensor("x", { shape: ["T"] });
const n = shared(0, { name: "n", dtype: "int32" });

test.each(["none", "nan"] as const)("results go into the arrays given, check %s", async (check) => {
  const step = await compile({
    inputs: { x },
    outputs: { y: x.log(), positive: x.gt(1) },
    updates: [[n, n.add(1)]],
    backend: interpreter,
    check,
  });
  const [y, positive] = [new Float32Array(2), new Uint8Array(2)];
  const before = (await n.read()).item();
  const got = await step({ x: [1, 2] }, { out: { y, positive } });
  expect(got.y.data).toBe(y);
  expect([...y]).toEqual([0, Math.fround(Math.log(2))]);
  expect([...positive]).toEqual([0, 1]);
  const refused = step({ x: [1, 2, 3] }, { out: { y } });
  await expect(refused).rejects.toThrow('out "y" has 2 elements, the result has shape [3]');
  if (check === "nan") await expect(step({ x: [-1, 1] }, { out: { y } })).rejects.toThrow(/NaN/);
  expect([...y]).toEqual([0, Math.fround(Math.log(2))]);
  expect((await n.read()).item()).toBe(before + 1);
  step.dispose();
});
