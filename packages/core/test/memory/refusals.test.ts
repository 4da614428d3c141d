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
  const forms =
    'give bytes from 1 on, or a number with a unit (B, KB, MB, GB, KiB, MiB, GiB): memory: "64MB"';
  test.each([
    ["64", '"64"', forms],
    ["64 mb", '"64 mb"', `did you mean "64MB"? ${forms}`],
    ["much", '"much"', forms],
    ["0MB", '"0MB"', forms],
    [0.5, "0.5", forms],
    [-5, "-5", forms],
    [Number.NaN, "NaN", forms],
    [10n, "10", forms],
    [true, "true", forms],
    [null, "null", `leave it out for no budget; ${forms}`],
    [v, "an object", forms],
  ])("memory: %s", (memory, printed, hint) => {
    const options = { memory } as never;
    expect(message(() => rnn(options))).toBe(
      `ArgumentError SCAN_MEMORY: scan "rnn": memory is ${printed}\n  hint: ${hint}`,
    );
  });
  test("a budget where the gradient is cut off without a mask", () => {
    expect(message(() => rnn({ memory: "1MB", truncateGradient: 5 }))).toMatchInlineSnapshot(`
      "UnsupportedError SCAN_MEMORY_TRUNCATE: scan "rnn": memory and truncateGradient do not go together without lengths, a mask or resets
        hint: leave truncateGradient out, or run the steps before in a scan of their own and begin this one from stopGradient(first.final)"
    `);
  });
});

async function trained(memory: string | number | undefined) {
  const h0 = tensor("h0", { shape: ["B", 4] });
  const { final } = scan((row = matrix("row"), h = matrix("h")) => tanh(row.add(h)), {
    sequences: x,
    outputsInfo: h0,
    name: "rnn",
    ...(memory === undefined ? {} : { memory }),
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
      hint: give memory: "2368B" or more, or a smaller batch or shorter sequences; rows of all steps that are wanted whole take most: compute a loss in the step"
  `);
  expect(message(() => call.memory({ T: 500, B: 3 }))).toBe(message(() => call(values)));
  const [, least = ""] = /memory: "(\w+)"/.exec(message(() => call(values))) ?? [];
  expect((await trained(least))(values).slope.shape).toEqual([3, 4]);
});

test.each([
  ["2.5KB", "2500 bytes"],
  ["3 KiB", "3072 bytes"],
  [5_000_000.9, "5 MB"],
  ["12MB", "12 MB"],
  ["1GiB", "1074 MB"],
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
    expect(message(() => call.memory({ v: [8], "steps of climb": 51 }))).toMatchInlineSnapshot(`
      "ArgumentError CALL_MEMORY: memory of the compiled function: steps of climb is 51
        hint: the loop runs at most 50 steps"
    `);
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
  test.each([
    [
      { T: 5, b: 2 },
      'there is no size and no input "b"',
      'did you mean "B"? sizes: T, B; inputs: x, h0',
    ],
    [{ rows: 5 }, 'there is no size and no input "rows"', "sizes: T, B; inputs: x, h0"],
    [{ T: "100", B: 1 }, 'T is "100"', "give a whole number from 0 on"],
    [{ T: 5.5, B: 1 }, "T is 5.5", "give a whole number from 0 on"],
    [{ T: undefined, B: 1 }, "T is undefined", "give a whole number from 0 on"],
    [{ x: 100 }, "x is 100", "x is an input: give its shape, [T, B, 4] in whole numbers"],
    [
      { x: [5, -1, 4] },
      "x is [5, -1, 4]",
      "x is an input: give its shape, [T, B, 4] in whole numbers",
    ],
    [
      { x: { shape: [5] } },
      "x is an object",
      "x is an input: give its shape, [T, B, 4] in whole numbers",
    ],
    [{ x: [5, 1, 4], T: 6 }, "T is 6, and 5 in the shape of an input", "say each size once"],
  ])("%j", async (sizes, problem, hint) => {
    const call = await trained("1MB");
    expect(message(() => call.memory(sizes as never))).toBe(
      `ArgumentError CALL_MEMORY: memory of step: ${problem}\n  hint: ${hint}`,
    );
  });
  test.each([undefined, null, 100, "T", [100, 1, 4]])("no record: %j", async (sizes) => {
    const call = await trained("1MB");
    expect(message(() => call.memory(sizes as never))).toBe(
      "ArgumentError CALL_MEMORY: memory of step takes one record of sizes\n  hint: for example memory({ T: 100, B: 100 })",
    );
  });
  test("sizes without names, sizes that are missing, shapes that do not fit", async () => {
    const call = await trained("1MB");
    expect(message(() => call.memory({ T: 5 }))).toMatchInlineSnapshot(`
      "ArgumentError CALL_MEMORY: memory of step needs B
        hint: give all sizes by name, or shapes of inputs: memory({ T: 100, B: 100 })"
    `);
    expect(message(() => call.memory({ x: [5, 1] }))).toMatchInlineSnapshot(`
      "ShapeError INPUT_RANK: "x" has 3 axes, the value given has shape [5, 1]
        hint: give an array of shape [T, B, 4]"
    `);
    const plain = await compile({ inputs: { v }, outputs: { y: v.mul(2) } });
    expect(message(() => plain.memory({}))).toMatchInlineSnapshot(`
      "ArgumentError CALL_MEMORY: memory of the compiled function needs v.shape[0]
        hint: give all sizes by name, or shapes of inputs: memory({ v: [100] })"
    `);
    expect(plain.memory({ v: [3] }).outputs).toBe(64);
  });
});

test("steps that a bounded loop counts: the least budget is that of both", async () => {
  const made = (memory: string) => {
    const row = { sequences: x, outputsInfo: tensor("h0", { shape: ["B", 4] }), memory };
    const h0 = row.outputsInfo;
    const first = scan((u = matrix("u"), h = matrix("h")) => tanh(u.add(h)), {
      ...row,
      name: "first",
    });
    const { final } = scan(
      (u = matrix("u"), h = matrix("h")) => {
        const next = tanh(u.mul(h));
        return stepResult(next, { until: gt(sum(next), 1e9) });
      },
      { sequences: first.outputs, outputsInfo: h0, name: "second", memory },
    );
    return compile({ inputs: { x, h0 }, outputs: { slope: grad(sum(sqr(final)), h0) } });
  };
  const refusing = await made("1B");
  const sizes = { T: 300, B: 2 };
  const [, least = ""] = /memory: "(\w+)"/.exec(message(() => refusing.memory(sizes))) ?? [];
  const call = await made(least);
  const told = call.memory(sizes);
  expect(told.peak).toBeGreaterThan(300 * 2 * 4 * 4);
  const zeros = (shape: number[]) => ({
    data: new Float32Array(shape.reduce((a, b) => a * b)),
    shape,
  });
  expect(call({ x: zeros([300, 2, 4]), h0: zeros([2, 4]) }).slope.shape).toEqual([2, 4]);
});

test("short loops with a large budget take what they would without, and little more", async () => {
  const [plain, bounded] = [await trained(undefined), await trained("1GB")];
  for (const T of [0, 1, 5, 50])
    expect(bounded.memory({ T, B: 3 }).peak - plain.memory({ T, B: 3 }).peak).toBeLessThan(1500);
});

test("compile has no budget: loops have", () => {
  return expect(
    compile({ inputs: { v }, outputs: { y: v }, memory: "1MB" } as never),
  ).rejects.toThrow(/compile has no option memory[^]*a budget belongs to a loop: scan\(/);
});

test("outputs that take the room are told", async () => {
  const { outputs } = scan((row = matrix("row")) => tanh(row), { sequences: x, memory: "1KB" });
  const call = await compile({ inputs: { x }, outputs: { outputs }, name: "states" });
  expect(message(() => call.memory({ T: 1000, B: 8 }))).toMatchInlineSnapshot(`
    "ArgumentError MEMORY_BUDGET: states: the budget of scan is 1000 bytes of memory, and this call needs at least 128 KB
      outputs of the call take 128 KB of it
      hint: give memory: "128KB" or more, or a smaller batch or shorter sequences; rows of all steps that are wanted whole take most: compute a loss in the step"
  `);
});
