/** check: "nan" names the op, the user's line, the step, the row and the pass. */
import { describe, expect, test } from "vitest";
import {
  compile,
  concatenate,
  div,
  exp,
  grad,
  index,
  log,
  matrix,
  mul,
  reshape,
  reverse,
  scan,
  shared,
  sqrt,
  sub,
  sum,
  tanh,
  tensor,
  tensor3,
  transpose,
  vector,
  where,
  gt,
  type Tensor,
} from "../../src/index.ts";

/** The message of a call, with lines of this file as `here`. */
async function messageOf(
  outputs: Readonly<Record<string, Tensor>>,
  values: Readonly<Record<string, unknown>>,
  more: object = {},
): Promise<string> {
  const inputs: Record<string, Tensor> = {};
  for (const name of Object.keys(values)) inputs[name] = known[name] ?? fail(name);
  const call = await compile({ inputs, outputs, check: "nan", name: "train", ...more });
  try {
    call(values as never);
  } catch (error) {
    return String(error).replace(/[^\s(]*nan\.test\.ts:\d+:\d+/g, "here");
  }
  return "no error";
}
function fail(name: string): never {
  throw new Error(`no input ${name}`);
}

const known: Readonly<Record<string, Tensor>> = {
  x: matrix("x"),
  v: vector("v"),
  rows: tensor3("rows"),
  lengths: tensor("lengths", { shape: ["B"], dtype: "int32" }),
};
const x = known["x"] as Tensor<"float32">;
const v = known["v"] as Tensor<"float32">;
const rows = known["rows"] as Tensor<"float32">;
const lengths = known["lengths"] as Tensor<"int32">;

describe("NaN is found", () => {
  test("where an elementwise op makes it", async () => {
    expect(
      await messageOf(
        { cost: sum(log(x).mul(2)) },
        {
          x: [
            [1, 2],
            [3, -0.25],
          ],
        },
      ),
    ).toMatchInlineSnapshot(`
      "NumericError: NAN: train: output "cost" holds NaN, made by log
        computed at here
        element [1, 1]
        log of "x" = -0.25
        hint: choose what the op is given, before it: op(where(isGood, x, 1)); chosen after it, its gradient is still NaN"
    `);
  });
  test("in data that came in", async () => {
    expect(await messageOf({ y: tanh(v).add(1) }, { v: [1, NaN] })).toMatchInlineSnapshot(`
      "NumericError: NAN: train: output "y" holds NaN, which came in with "v"
        element [1]
        hint: look for missing values in the data, or in a parameter that an earlier call updated"
    `);
  });
  test("in an infinity that an earlier op made", async () => {
    expect(await messageOf({ y: sub(exp(v), exp(v.mul(2))) }, { v: [1, 100] }))
      .toMatchInlineSnapshot(`
      "NumericError: NAN: train: output "y" holds NaN, made by sub
        computed at here
        element [1]
        sub of result of exp (here) = Infinity and result of exp (here) = Infinity
        Infinity, made by exp
          computed at here
          element [1]
          exp of "v" = 100
        hint: choose what the op is given, before it: op(where(isGood, x, 1)); chosen after it, its gradient is still NaN"
    `);
  });
  test("through views, reshapes and pieces", async () => {
    const moved = reshape(transpose(concatenate([x, sqrt(x)], 1)), [-1]);
    const text = await messageOf(
      { y: index(reverse(moved), { stop: 2 }) },
      {
        x: [
          [1, 4],
          [9, -1],
        ],
      },
    );
    expect(text).toMatch(/made by sqrt\n.*computed at here\n.*element \[1, 1\]\n.*"x" = -1/);
  });
  test("on the side that where chose", async () => {
    const chosen = where(gt(v, 0), log(sub(0, v)), sqrt(v));
    expect(await messageOf({ chosen }, { v: [2] })).toMatch(/made by log/);
    expect(await messageOf({ chosen }, { v: [-2] })).toMatch(/made by sqrt/);
    expect(await messageOf({ y: where(gt(v, 0), v, sqrt(v)) }, { v: [2] })).toBe("no error");
  });
});

describe("NaN is found in a loop", () => {
  const walk = scan((u = v, h = v) => sqrt(h.sub(u)), {
    sequences: v,
    outputsInfo: 10,
    name: "walk",
  });
  test("at its step", async () => {
    expect(await messageOf({ last: walk.final }, { v: [1, 2, 3, 0] })).toMatchInlineSnapshot(`
      "NumericError: NAN: train: output "last" holds NaN, made by sqrt
        computed at here
        in step 2 (of 0 to 3) of scan "walk" at here
        sqrt of result of sub (here) = -2
        hint: choose what the op is given, before it: op(where(isGood, x, 1)); chosen after it, its gradient is still NaN"
    `);
    expect(await messageOf({ all: walk.outputs }, { v: [1, 2, 3, 0] })).toMatch(/in step 2 /);
  });
  test("at its step and row, forward", async () => {
    const { final } = scan((u = x, h = x) => h.add(log(u)), {
      sequences: rows,
      outputsInfo: mul(index(rows, 0), 0),
      lengths,
      name: "rnn",
    });
    const data = [
      [[1], [1], [1]],
      [[1], [1], [-1]],
      [[1], [-1], [1]],
    ];
    const cost = sum(final);
    expect(await messageOf({ cost }, { rows: data, lengths: [3, 2, 3] })).toMatchInlineSnapshot(`
      "NumericError: NAN: train: output "cost" holds NaN, made by log
        computed at here
        in step 1 (of 0 to 2) of scan "rnn" at here
        element [2, 0], row 2
        log of result of where (here) = -1
        hint: choose what the op is given, before it: op(where(isGood, x, 1)); chosen after it, its gradient is still NaN"
    `);
    expect(await messageOf({ cost }, { rows: data, lengths: [3, 2, 1] })).toBe("no error");
  });
  test("at its step and row, backward", async () => {
    const W = shared([[1]], { name: "W" });
    const { final } = scan((u = x, h = x) => h.dot(W).add(sqrt(u)), {
      sequences: rows,
      outputsInfo: mul(index(rows, 0), 0),
      name: "rnn",
    });
    const dx = grad(sum(mul(final, 0)), rows);
    const data = [
      [[1], [4]],
      [[1], [0]],
    ];
    expect(await messageOf({ dx }, { rows: data })).toMatchInlineSnapshot(`
      "NumericError: NAN: train: output "dx" holds NaN, made by div
        in the backward pass of what is computed at here
        in step 1 (of 0 to 1) of scan "grad_of_rnn" at here
        element [1, 0], row 1
        div of result of mul (here) = 0 and result of sqrt (here) = 0
        hint: choose what the op is given, before it: op(where(isGood, x, 1)); chosen after it, its gradient is still NaN"
    `);
  });
  test("in a loop inside a loop, backwards too", async () => {
    const { outputs } = scan(
      (row = v, total = v) =>
        total.add(
          scan((u = v, s = v) => s.add(log(u)), {
            sequences: row,
            outputsInfo: 0,
            goBackwards: true,
            name: "inner",
          }).final,
        ),
      { sequences: x, outputsInfo: 0, name: "outer" },
    );
    const text = await messageOf(
      { outputs },
      {
        x: [
          [1, 1, 1],
          [1, -1, 1],
        ],
      },
    );
    expect(text).toMatch(/in step 1 \(of 0 to 2\) of scan "inner"/);
    expect(text).toMatch(/in step 1 \(of 0 to 1\) of scan "outer"/);
  });
});

test("a new value that holds NaN is not kept", async () => {
  const W = shared([1, 2], { name: "W" });
  const updates = [[W, div(W, sub(v, 1))]];
  expect(await messageOf({}, { v: [1, 3] }, { updates })).toBe("no error");
  const text = await messageOf({}, { v: [1, 3] }, { updates: [[W, div(W.mul(0), sub(v, 1))]] });
  expect(text).toMatchInlineSnapshot(`
    "NumericError: NAN: train: the new value of "W" holds NaN, made by mul
      computed at here
      element [0]
      mul of "W" = Infinity and constant 0 = 0
      Infinity, which came in with "W"
        element [0]
      hint: choose what the op is given, before it: op(where(isGood, x, 1)); chosen after it, its gradient is still NaN"
  `);
  expect(W.get().toArray()).toEqual([Infinity, 1]);
});
