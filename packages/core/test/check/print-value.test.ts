/** Values are shown as often as they are computed, with their steps, whatever rewrites do. */
import { describe, expect, test, vi } from "vitest";
import {
  compile,
  customGrad,
  evaluate,
  grad,
  gt,
  index,
  jvp,
  matrix,
  mul,
  printValue,
  scan,
  shared,
  stepResult,
  sum,
  tanh,
  vector,
  type Printed,
  type Tensor,
} from "../../src/index.ts";
import { compilePlan } from "../../src/backend-kit.ts";
import { message } from "../api/refusal.ts";

const v = vector("v");
const x = matrix("x");

type Line = string;
const lineOf = ({ label, value, steps }: Printed): Line =>
  `${label}${steps.map(({ loop, step }) => ` ${loop}${step}`).join("")} ${JSON.stringify(value.toArray())}`;

/** What a call shows, under each way of compiling, which must agree; and what the reference evaluation shows. */
async function shown(
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
  values: Readonly<Record<string, unknown>>,
): Promise<readonly Line[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  evaluate(outputs, values as never);
  const reference = log.mock.calls.length;
  log.mockRestore();
  const all: Line[][] = [];
  for (const optimize of ["full", "fast", "none"] as const) {
    const lines: Line[] = [];
    const call = await compile({
      inputs,
      outputs,
      optimize,
      onPrint: (printed) => lines.push(lineOf(printed)),
    });
    call(values as never);
    expect(lines.length, optimize).toBe(reference);
    all.push([...lines].sort());
    if (optimize === "full") all.unshift(lines);
  }
  for (const lines of all) expect([...lines].sort()).toEqual(all.at(-1));
  return all[0] ?? [];
}

describe("printValue shows", () => {
  test("a tensor of the graph, which is the tensor itself", async () => {
    const y = printValue(v.mul(2), "twice v");
    expect(await shown({ v }, { y: y.add(1) }, { v: [1, 2] })).toEqual(["twice v [2,4]"]);
  });
  test("every step of a loop, although its work could be done at once or never changes", async () => {
    const { outputs } = scan((u = v) => printValue(u.mul(2), "twice"), { sequences: v });
    expect(await shown({ v }, { outputs }, { v: [1, 2, 3] })).toEqual([
      "twice scan0 2",
      "twice scan1 4",
      "twice scan2 6",
    ]);
    const w = shared(5, { name: "w" });
    const { final } = scan((h = v) => h.add(printValue(w.mul(2), "same")), {
      outputsInfo: 0,
      nSteps: 2,
      name: "sums",
    });
    expect(await shown({}, { final }, {})).toEqual(["same sums0 10", "same sums1 10"]);
  });
  test("loops inside loops, outermost step first", async () => {
    const { outputs } = scan(
      (row = v) =>
        scan((u = v, s = v) => printValue(s.add(u), "s"), {
          sequences: row,
          outputsInfo: 0,
          name: "inner",
          goBackwards: true,
        }).final,
      { sequences: x, name: "outer" },
    );
    const values = {
      x: [
        [1, 2],
        [3, 4],
      ],
    };
    expect(await shown({ x }, { outputs }, values)).toEqual([
      "s outer0 inner0 2",
      "s outer0 inner1 3",
      "s outer1 inner0 4",
      "s outer1 inner1 7",
    ]);
  });
  test("values once and cotangents once, forwards and backwards", async () => {
    const { final } = scan((u = v, h = v) => printValue(tanh(h.add(u)), "h", { gradient: true }), {
      sequences: v,
      outputsInfo: 0,
      name: "rnn",
    });
    const lines = await shown({ v }, { dv: grad(sum(mul(final, 1)), v) }, { v: [0, 0] });
    expect(lines).toEqual([
      "h rnn0 0",
      "h rnn1 0",
      "gradient of h grad_of_rnn1 1",
      "gradient of h grad_of_rnn0 1",
    ]);
  });
  test("values once, although a backward pass needs them again", async () => {
    const { final } = scan(
      (u = v, h = v) => {
        const inner = scan((s = v) => printValue(s.mul(h), "s"), {
          outputsInfo: printValue(u.mul(h), "uh"),
          nSteps: 1,
          name: "inner",
        }).final;
        return tanh(inner).mul(printValue(h, "h"));
      },
      { sequences: v, outputsInfo: 1, name: "rnn" },
    );
    const lines = await shown({ v }, { dv: grad(sum(final), v) }, { v: [1, 2] });
    expect(lines.map((line) => line.replace(/ \S*$/, ""))).toEqual([
      "uh rnn0",
      "s rnn0 inner0",
      "h rnn0",
      "uh rnn1",
      "s rnn1 inner0",
      "h rnn1",
    ]);
  });
  test("values once beside a forward derivative", async () => {
    const { final } = scan((u = v, h = v) => tanh(printValue(h.add(u), "sum")), {
      sequences: v,
      outputsInfo: 0,
    });
    expect(await shown({ v }, { final, dv: jvp(final, v, v) }, { v: [0, 0] })).toEqual([
      "sum scan0 0",
      "sum scan1 0",
    ]);
  });
  test("a loop whose rows end by conditions of their own, once", async () => {
    const { outputs } = scan(
      (h = v) => stepResult(printValue(h.mul(2), "h"), { until: gt(h, 2) }),
      { outputsInfo: v, nSteps: 3 },
    );
    expect(await shown({ v }, { outputs }, { v: [1, 4] })).toEqual([
      "h scan0 [2,8]",
      "h scan1 [4,16]",
      "h scan2 [8,16]",
    ]);
  });
  test("a loop that ends by a condition, once", async () => {
    const { final } = scan(
      (h = v) => {
        const next = printValue(h.mul(2), "h");
        return stepResult(next, { until: gt(next, 5) });
      },
      { outputsInfo: 1, nSteps: 10 },
    );
    expect(await shown({}, { final }, {})).toEqual(["h scan0 2", "h scan1 4", "h scan2 8"]);
  });
  test("what a user's op computes inside, without a step of its own", async () => {
    const clipped = customGrad({
      name: "clipped",
      forward: (a = v) => printValue(a.mul(2), "inside"),
      pullback: ({ cotangents: [g] }) => g,
    });
    expect(await shown({ v }, { y: clipped(v).add(1) }, { v: [1, 2] })).toEqual(["inside [2,4]"]);
    const { outputs } = scan((u = v) => clipped(u), { sequences: v, name: "rows" });
    expect(await shown({ v }, { outputs }, { v: [1, 2] })).toEqual([
      "inside rows0 2",
      "inside rows1 4",
    ]);
  });
  test("values once and under their own steps, where a loop runs in chunks and replays them", async () => {
    const made = (memory: string): Readonly<Record<string, Tensor>> => {
      const { final } = scan(
        (u = v, h = v) => printValue(tanh(h.add(u)), "h", { gradient: true }),
        { sequences: v, outputsInfo: 0, name: "rnn", memory },
      );
      return { dv: grad(mul(final, final), v) };
    };
    const refused = await compile({ inputs: { v }, outputs: made("1B") });
    const [, least = ""] =
      /memory: "(\w+)"/.exec(message(() => refused.memory({ v: [200] }))) ?? [];
    const values = { v: Array.from({ length: 200 }, (_, t) => Math.sin(t)) };
    const [lines, want]: [Line[], Line[]] = [[], []];
    const call = await compile({
      inputs: { v },
      outputs: made(least),
      onPrint: (printed) => lines.push(lineOf(printed)),
    });
    const whole = await compile({
      inputs: { v },
      outputs: made("1GB"),
      onPrint: (printed) => want.push(lineOf(printed)),
    });
    expect(call.memory({ v: [200] }).peak).toBeLessThan(whole.memory({ v: [200] }).peak);
    expect(call(values).dv?.toArray()).toEqual(whole(values).dv?.toArray());
    expect(lines).toEqual(want);
    expect(lines).toHaveLength(400);
    expect(lines[150]).toMatch(/^h rnn150 /);
    expect(lines[250]).toMatch(/^gradient of h grad_of_rnn149 /);
  });
  test("nothing that nobody needs", async () => {
    printValue(v, "unused");
    expect(await shown({ v }, { y: index(v, 0) }, { v: [1] })).toEqual([]);
  });
});

test("values go to the console where nobody else takes them", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const { final } = scan((u = v, h = v) => printValue(h.add(u), "h"), {
    sequences: v,
    outputsInfo: 0,
    name: "sums",
  });
  (await compile({ inputs: { v }, outputs: { final } }))({ v: [1, 2] });
  expect(log.mock.calls.flat()).toEqual([
    "h, step 0 of sums: f32[] 1",
    "h, step 1 of sums: f32[] 3",
  ]);
  log.mockRestore();
});

test("what printValue and worker threads refuse", async () => {
  expect(message(printValue, v)).toMatchInlineSnapshot(`
    "ArgumentError PRINT_LABEL: printValue: the label is undefined
      hint: give the words to show before the value: printValue(h, "h")"
  `);
  expect(message(printValue, v, "v", { backward: true })).toMatchInlineSnapshot(`
    "ArgumentError PRINT_OPTION: printValue has no option backward
      hint: the only option is gradient"
  `);
  await expect(compilePlan({ inputs: { v }, outputs: { y: printValue(v, "v") } })).rejects
    .toThrowErrorMatchingInlineSnapshot(`
    [UnsupportedError: PLAN_PRINT: the plan: printValue "v" cannot show values from worker threads
      hint: compile() the same graph and call it with a batch, or leave printValue out]
  `);
});
