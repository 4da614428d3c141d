/** check: "debug" compares nodes with their ops' references, and tells of values that nobody means. */
import { expect, test } from "vitest";
import { applyOne } from "../../src/graph/op.ts";
import {
  cast,
  compile,
  customGrad,
  floorDiv,
  grad,
  matrix,
  mod,
  scalar,
  scan,
  shared,
  sqrt,
  sum,
  tanh,
  tensor3,
  vector,
  type Tensor,
} from "../../src/index.ts";
import { binary, literal } from "../../src/loop-ir/build.ts";
import { elementwise } from "../../src/ops/elementwise.ts";

const x = vector("x");
const n = vector("n", { dtype: "int32" });

async function messageOf(
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
  values: Readonly<Record<string, unknown>>,
): Promise<string> {
  const call = await compile({ inputs, outputs, check: "debug", name: "step" });
  try {
    call(values as never);
  } catch (error) {
    return String(error).replace(/[^\s(]*debug\.test\.ts:\d+:\d+/g, "here");
  }
  return "no error";
}

test("a training step of a loop is right in every node, and updates as without the check", async () => {
  const rows = tensor3("rows");
  const W = shared(
    [
      [0.1, 0.2],
      [-0.3, 0.4],
    ],
    { name: "W" },
  );
  const { final } = scan((u = matrix("u"), h = matrix("h")) => tanh(u.add(h.dot(W))), {
    sequences: rows,
    outputsInfo: rows.sum(0).mul(0),
  });
  const cost = sum(final.mul(final));
  const spec = {
    inputs: { rows },
    outputs: { cost },
    updates: [[W, W.sub(grad(cost, W).mul(0.1))]] as const,
  };
  const values = { rows: [[[0.1, 0.2]], [[0.3, 0.4]]] };
  const before = W.get();
  const plain = (await compile(spec))(values).cost.item();
  const after = W.get().toArray();
  W.set(before);
  expect((await compile({ ...spec, check: "debug" }))(values).cost.item()).toBe(plain);
  expect(W.get().toArray()).toEqual(after);
});

test("an op that computes something else than its reference is named", async () => {
  const wrong = elementwise("wrong", {
    reference: (v) => v + 1,
    scalar: (v) => binary("add", v, literal("f32", 2)),
    partials: () => [1],
  });
  const y = sqrt(applyOne(wrong, [x.mul(2)], null));
  expect(await messageOf({ x }, { y }, { x: [4, 5] })).toMatchInlineSnapshot(`
    "NumericError: NODE_DIFFERS: step: result of wrong (here) is computed wrongly
      element [0] is 10, by the reference of its op 9
      made at here
      hint: this is a defect of scan-train, unless values overflow: compile with optimize: "none" and report the graph"
  `);
});

test("integers divided by zero", async () => {
  expect(await messageOf({ n }, { y: floorDiv(6, n) }, { n: [2, 0] })).toMatchInlineSnapshot(`
    "NumericError: MISUSE: step: floorDiv divides an integer by zero, which gives 0
      computed at here from constant 6 and "n"
      hint: choose another value there before the op: where(isGood, x, 1)"
  `);
  expect(await messageOf({ n }, { y: mod(6, n) }, { n: [2, 3] })).toBe("no error");
});

test("in the step of a loop that divides", async () => {
  const { outputs } = scan((k = n, total = n) => total.add(mod(7, k)), {
    sequences: n,
    outputsInfo: 0,
    name: "sums",
  });
  expect(await messageOf({ n }, { outputs }, { n: [1, 2, 0, 3] })).toMatchInlineSnapshot(`
    "NumericError: MISUSE: step: mod divides an integer by zero, which gives 0
      computed at here from constant 7 and "n[t]"
      in step 2 of scan "sums" at here
      hint: choose another value there before the op: where(isGood, x, 1)"
  `);
});

test("in a gradient's loop, which runs from the last row to the first", async () => {
  const start = scalar("start");
  const divided = customGrad({
    name: "divided",
    forward: (h: Tensor, k: Tensor) => h.mul(cast(k, "float32")),
    pullback: ({ inputs: [, k], cotangents: [g] }) => [g.mul(cast(mod(7, k), "float32")), null],
  });
  const { final } = scan((k = n, h = start) => divided(h, k), {
    sequences: n,
    outputsInfo: start,
    name: "products",
  });
  const values = { n: [5, 0, 5, 5], start: 1 };
  expect(await messageOf({ n, start }, { slope: grad(final, start) }, values)).toMatch(
    /mod divides an integer by zero.*in step 1 of scan "grad_of_products"/s,
  );
});

test("NaN that becomes an integer", async () => {
  const y = cast(sqrt(x), "int32");
  expect(await messageOf({ x }, { y }, { x: [4, -4] })).toMatchInlineSnapshot(`
    "NumericError: MISUSE: step: cast converts NaN, which becomes 0 as an integer and true as a bool
      computed at here from result of sqrt (here)
      hint: choose another value there before the op: where(isGood, x, 1)"
  `);
});

test("NaN in a result, as under nan", async () => {
  expect(await messageOf({ x }, { y: sqrt(x) }, { x: [-4] })).toMatch(/NAN: step: output "y"/);
});
