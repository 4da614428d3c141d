/** What budgets refuse, and what `memory()` of a function tells and refuses. */
import { describe, expect, test } from "vitest";
import {
  compile,
  gt,
  grad,
  matrix,
  scalar,
  scan,
  sqr,
  stepResult,
  sum,
  tanh,
  tensor,
  vector,
  type ScanOptions,
  type Tensor,
} from "../../src/index.ts";
import { message } from "../api/refusal.ts";

const x = tensor("x", { shape: ["T", "B", 4] });
const v = vector("v");

const rnn = (options: ScanOptions): Tensor =>
  scan((row = matrix("row"), h = matrix("h")) => tanh(row.add(h)), {
    sequences: x,
    outputsInfo: tensor("h0", { shape: ["B", 4] }).mul(0),
    name: "rnn",
    ...options,
  }).final;

describe("scan refuses", () => {
  test.each([
    ["64", 'scan "rnn": memory is "64"'],
    ["64 mb", 'scan "rnn": memory is "64 mb"'],
    ["much", 'scan "rnn": memory is "much"'],
    [0, 'scan "rnn": memory is 0'],
    [-5, 'scan "rnn": memory is -5'],
    ["0MB", 'scan "rnn": memory is "0MB"'],
  ])("memory: %j", (memory, problem) => {
    const text = message(() => rnn({ memory }));
    expect(text).toContain(`ArgumentError SCAN_MEMORY: ${problem}`);
    expect(text).toContain("give bytes, or a number with a unit (B, KB, MB, GB, KiB, MiB, GiB)");
  });
  test("a budget where the gradient is cut off without a mask", () => {
    expect(message(() => rnn({ memory: "1MB", truncateGradient: 5 }))).toMatchInlineSnapshot(`
      "UnsupportedError SCAN_MEMORY_TRUNCATE: scan "rnn": memory and truncateGradient do not go together without lengths, a mask or resets
        hint: run the first steps in a scan of their own without gradient (considerConstant), and the last ones in another with memory"
    `);
  });
});

async function trained(memory: string | number) {
  const h0 = tensor("h0", { shape: ["B", 4] });
  const { final } = scan((row = matrix("row"), h = matrix("h")) => tanh(row.add(h)), {
    sequences: x,
    outputsInfo: h0,
    name: "rnn",
    memory,
  });
  const outputs = { slope: grad(sum(sqr(final)), h0) };
  return compile({ inputs: { x, h0 }, outputs, name: "step" });
}

test("a call that no chunks make small enough names the least budget, which is enough", async () => {
  const call = await trained("1KB");
  const values = {
    x: { data: new Float32Array(500 * 3 * 4), shape: [500, 3, 4] },
    h0: { data: new Float32Array(12), shape: [3, 4] },
  };
  expect(message(() => call(values))).toMatchInlineSnapshot(`
    "ArgumentError MEMORY_BUDGET: step: the budget of scan "rnn" is 1000 bytes of memory, and this call needs at least 2368 bytes
      hint: give memory: "2368B" or more, or a smaller batch or shorter sequences"
  `);
  expect(message(() => call.memory({ T: 500, B: 3 }))).toBe(message(() => call(values)));
  const [, least = ""] = /memory: "(\w+)"/.exec(message(() => call(values))) ?? [];
  expect((await trained(least))(values).slope.shape).toEqual([3, 4]);
});

test.each([
  ["2.5KB", "2500 bytes"],
  ["3 KiB", "3072 bytes"],
  [5_000_000.9, "5000.0 KB"],
  ["12MB", "12.0 MB"],
  ["1GiB", "1073.7 MB"],
] as const)("memory: %j is %s", async (memory, bytes) => {
  const call = await trained(memory);
  expect(message(() => call.memory({ T: 1, B: 100_000_000 }))).toContain(
    `the budget of scan "rnn" is ${bytes} of memory`,
  );
});

describe("memory() of a function", () => {
  test("tells bytes by size names or shapes, the same", async () => {
    const call = await trained("1MB");
    const told = call.memory({ T: 100, B: 2 });
    expect(told).toEqual(call.memory({ x: [100, 2, 4] }));
    expect(told.inputs).toBe(100 * 2 * 4 * 4 + 64);
    expect(told.outputs).toBe(64);
    expect(told.peak).toBe(told.temporaries + told.outputs);
    expect(call.memory({ T: 10_000, B: 2 }).peak).toBeLessThanOrEqual(1e6);
  });
  test("takes as many steps as a condition allows, unless it is told them", async () => {
    const { outputs } = scan((h = v) => stepResult(h.add(1), { until: gt(sum(h), 10) }), {
      outputsInfo: v,
      nSteps: 50,
      name: "climb",
    });
    const call = await compile({ inputs: { v }, outputs: { outputs } });
    const [most, few] = [call.memory({ v: [8] }), call.memory({ v: [8], "steps of climb": 5 })];
    expect([most.outputs, few.outputs]).toEqual(
      [50 * 8 * 4, 5 * 8 * 4 + 32].map((n) => Math.ceil(n / 64) * 64),
    );
  });
  test("takes steps that are a value", async () => {
    const n = scalar("n", { dtype: "int32" });
    const { outputs } = scan((h = v) => h.add(1), { outputsInfo: v, nSteps: n });
    const call = await compile({ inputs: { v, n }, outputs: { outputs } });
    expect(call.memory({ v: [16], n: 5 }).outputs).toBe(5 * 16 * 4);
  });
  test("refuses what it cannot use", async () => {
    const call = await trained("1MB");
    expect(message(() => call.memory({ T: 5, b: 2 }))).toMatchInlineSnapshot(`
      "ArgumentError CALL_MEMORY: step.memory knows no size "b"
        hint: did you mean "B"?"
    `);
    expect(message(() => call.memory({ T: 5 }))).toMatchInlineSnapshot(`
      "ArgumentError CALL_MEMORY: step.memory needs B
        hint: give sizes by name, or shapes of inputs: memory({ B: 100 })"
    `);
    expect(message(() => call.memory({ T: 5.5, B: 1 }))).toMatchInlineSnapshot(`
      "ArgumentError CALL_MEMORY: step.memory: T is 5.5
        hint: give a whole number from 0 on"
    `);
    expect(message(() => call.memory({ x: [5, 1] }))).toMatchInlineSnapshot(`
      "ShapeError INPUT_RANK: "x" has 3 axes, the value given has shape [5, 1]
        hint: give an array of shape [T, B, 4]"
    `);
  });
});
