import { expect, test } from "vitest";
import { maskOf, oneHot, peerTask } from "../src/peer-task.ts";
import { checkLosses } from "../src/step-result.ts";
import { workloads } from "../src/workloads.ts";

test("tokens become rows with a single 1", () => {
  expect([...oneHot([2, 0], 3)]).toEqual([0, 0, 1, 1, 0, 0]);
});

test("the mask is 1 up to each length", () => {
  const { data, shape } = maskOf([2, 0, 3], 3, 3);
  expect(shape).toEqual([3, 3, 1]);
  expect([...data]).toEqual([1, 0, 1, 1, 0, 1, 0, 0, 1]);
});

// S4 is S3 with larger arrays.
test.each(["S1", "S2", "S3", "S5"] as const)(
  "%s: peers get as many numbers to train as our own model",
  (name) => {
    const workload = workloads[name]();
    const { parameters, values, sizes } = peerTask(name, workload.values);
    const count = (shapes: readonly (readonly number[])[]): number =>
      shapes.reduce((sum, shape) => sum + shape.reduce((n, size) => n * size, 1), 0);
    expect(count(Object.values(parameters).map(({ shape }) => shape))).toBe(
      count(workload.parameters.map((parameter) => parameter.get().shape)),
    );
    expect(parameters["Wx"]?.data).toEqual(workload.parameters[0]?.get().data);
    expect(values["x"]?.shape).toEqual([sizes.T, sizes.B, sizes.I]);
  },
);

test("a loss that is off is reported with the library and the step", () => {
  expect(() => checkLosses("a peer", [1, 2.00002, 3], [1, 2, 3])).not.toThrow();
  expect(() => checkLosses("a peer", [1, 2.1, 3], [1, 2, 3])).toThrow(
    "a peer: the loss of step 2 is 2.1, expected 2",
  );
  expect(() => checkLosses("a peer", [1, NaN, 3], [1, 2, 3])).toThrow("step 2");
});
