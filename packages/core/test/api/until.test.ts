/** Loops that end by a condition: how many steps run, and what that does to everything else. */
import { describe, expect, test } from "vitest";
import {
  all,
  compile,
  constant,
  evaluate,
  grad,
  gt,
  jvp,
  map,
  scalar,
  scan,
  shared,
  sqr,
  stepResult,
  Store,
  sum,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { compilePlan } from "../../src/api/compile-plan.ts";
import { messageOf } from "./message-of.ts";

const [x, w] = [vector("x", { dtype: "float64" }), scalar("w", { dtype: "float64" })];

/** h = h w + v, until h exceeds 5. */
const growing = (options: object = {}): { readonly outputs: Tensor; readonly final: Tensor } =>
  scan(
    (v, h: Tensor) => {
      const next = h.mul(w).add(v);
      return stepResult(next, { until: next.gt(5) });
    },
    { sequences: x, outputsInfo: constant(1, "float64"), ...options },
  );

describe("a scalar condition", () => {
  test("keeps the step that meets it; outputs have as many rows as steps ran", async () => {
    const { outputs, final } = growing();
    const f = await compile({ inputs: { x, w }, outputs: { outputs, final, n: outputs.size(0) } });
    const at = (values: number[]): unknown[] => {
      const { outputs: rows, final: last, n } = f({ x: values, w: 2 });
      return [rows.toArray(), last.item(), n.item()];
    };
    expect(at([0, 0, 0, 0])).toEqual([[2, 4, 8], 8, 3]);
    expect(at([9, 1])).toEqual([[11], 11, 1]);
    expect(at([-2, -1])).toEqual([[0, -1], -1, 2]);
    expect(at([])).toEqual([[], 1, 0]);
  });
  test("has the gradients of the steps that ran, to second order", () => {
    const cost = sum(sqr(growing().outputs));
    const [dx, dw] = grad(cost, [x, w]);
    // 1, 2, 4, 8: the cost is (w)^2 + (w^2)^2 + (w^3)^2 where x is 0.
    const values = { x: [0, 0, 0, 0, 0], w: 2 };
    const again = grad(dw, w);
    expect(evaluate([dw, again], values).map((g) => g.item())).toEqual([
      2 * 2 + 4 * 8 + 6 * 32,
      2 + 12 * 4 + 30 * 16,
    ]);
    expect(evaluate(dx, values).toArray()).toEqual([4 + 16 + 64, 8 + 32, 16, 0, 0]);
    expect(evaluate(jvp(cost, w, constant(1, "float64")), values).item()).toBe(228);
  });
  test("counts steps from the end with goBackwards, and truncates from the last step that ran", () => {
    const values = { x: [9, 9, 1, 1], w: 1 };
    const { outputs } = growing({ goBackwards: true });
    expect(evaluate(outputs, values).toArray()).toEqual([2, 3, 12]);
    const last = growing({ goBackwards: true, truncateGradient: 2 }).outputs;
    expect(evaluate(grad(sum(last), x), values).toArray()).toEqual([0, 1, 2, 0]);
  });
  test("advances shared variables once for each step that ran", async () => {
    const k = shared(1, { name: "k", dtype: "int32" });
    const { outputs, updates } = scan(
      (y: Tensor) => {
        const next = y.add(k);
        return stepResult(next, { updates: [[k, k.add(1)]], until: gt(next, 9) });
      },
      { outputsInfo: 0, nSteps: 100 },
    );
    const f = await compile({ inputs: {}, outputs: { outputs }, updates });
    expect(f({}).outputs.toArray()).toEqual([1, 3, 6, 10]);
    expect(f({}).outputs.toArray()).toEqual([5, 11]);
    expect(k.get().item()).toBe(7);
  });
  test("runs no step after the last: a million possible ones cost nothing", async () => {
    const { outputs } = scan(
      (h: Tensor) => {
        const next = h.mul(2);
        return stepResult(next, { until: next.gt(w) });
      },
      { outputsInfo: constant(1, "float64"), nSteps: 1_000_000_000 },
    );
    const f = await compile({ inputs: { w }, outputs: { outputs }, store: new Store() });
    expect(f({ w: 1000 }).outputs.data.length).toBe(10);
    f.dispose();
  });
  test("may change from step to step of a scan around it: rows after the end are zero", async () => {
    const { outputs } = map((limit: Tensor) => {
      const { outputs: rows, final } = scan(
        (h: Tensor) => {
          const next = h.mul(2);
          return stepResult(next, { until: next.gt(limit) });
        },
        { outputsInfo: constant(1, "float64"), nSteps: 4 },
      );
      return [rows, final];
    }, x);
    const [rows, finals] = outputs as readonly [Tensor, Tensor];
    const f = await compile({ inputs: { x }, outputs: { rows, finals } });
    const found = f({ x: [3, 100, 0] });
    expect(found.rows.toArray()).toEqual([
      [2, 4, 0, 0],
      [2, 4, 8, 16],
      [2, 0, 0, 0],
    ]);
    expect(found.finals.toArray()).toEqual([4, 16, 2]);
  });
});

describe("a condition for each sequence", () => {
  const batch = tensor("batch", { shape: ["T", "B"], dtype: "float64" });
  const lengths = vector("lengths", { dtype: "int32" });
  const totals = (options: object = {}): { readonly outputs: Tensor; readonly final: Tensor } =>
    scan(
      (row, h: Tensor) => {
        const next = h.add(row);
        return stepResult(next, { until: next.gt(5) });
      },
      { sequences: batch, outputsInfo: zeros([batch.size(1)], "float64"), ...options },
    );
  const rows = [
    [1, 6, 1],
    [2, 1, 1],
    [4, NaN, 1],
    [8, NaN, NaN],
  ];

  test("ends each by itself; what comes after changes nothing, NaN neither", async () => {
    const { outputs, final } = totals({ lengths });
    const dx = grad(sum(sqr(final)), batch);
    const f = await compile({ inputs: { batch, lengths }, outputs: { outputs, final, dx } });
    const found = f({ batch: rows, lengths: [4, 2, 3] });
    expect(found.outputs.toArray()).toEqual([
      [1, 6, 1],
      [3, 0, 2],
      [7, 0, 3],
      [0, 0, 0],
    ]);
    expect(found.final.toArray()).toEqual([7, 6, 3]);
    expect(found.dx.toArray()).toEqual([
      [14, 12, 6],
      [14, 0, 6],
      [14, 0, 6],
      [0, 0, 0],
    ]);
  });
  test("is taken by programs that know the sizes of inputs alone; a scalar is not", async () => {
    const { outputs } = totals();
    await expect(compilePlan({ inputs: { batch }, outputs: { outputs } })).resolves.toBeDefined();
    const whole = scan((row, h: Tensor) => stepResult(h.add(row), { until: all(h.gt(5)) }), {
      sequences: batch,
      outputsInfo: zeros([batch.size(1)], "float64"),
    });
    await expect(compilePlan({ inputs: { batch }, outputs: { y: whole.outputs } })).rejects.toThrow(
      "PLAN_SIZE",
    );
  });
});

describe("what is no condition is refused", () => {
  const step = (until: unknown) => (): unknown => stepResult(x, { until: until as Tensor<"bool"> });
  test("numbers, other dtypes, matrices", () => {
    expect(messageOf(step(true))).toMatchInlineSnapshot(`
      "ArgumentError SCAN_UNTIL: stepResult: until must be a bool tensor, got boolean
        hint: compare tensors: until: gt(h, 100)"
    `);
    expect(messageOf(step(w)).replace(/made at .*/, "made at HERE")).toMatchInlineSnapshot(`
      "DTypeError SCAN_UNTIL: stepResult: until "w" must be a bool scalar, or bool[B] with one condition for each sequence
        it is f64[], made at HERE
        hint: compare it: ne(until, 0)"
    `);
    const matrix = tensor("m", { shape: [2, 2], dtype: "bool" });
    expect(messageOf(step(matrix)).replace(/made at .*/, "made at HERE")).toMatchInlineSnapshot(`
      "ShapeError SCAN_UNTIL: stepResult: until "m" must be a bool scalar, or bool[B] with one condition for each sequence
        it is bool[2, 2], made at HERE
        hint: reduce it: all(until, 1)"
    `);
  });
  test("one for each sequence where a state has no batch", () => {
    const refused = (): unknown =>
      scan((h: Tensor) => stepResult(h, { until: x.gt(1) }), {
        outputsInfo: constant(1, "float64"),
        nSteps: 2,
      });
    expect(messageOf(refused)).toMatchInlineSnapshot(`
      "ShapeError SCAN_BATCH: scan: state 0 is f64[] and has no batch, of which until ends each sequence by itself
        hint: states are [B, ...] then; end the whole loop with one condition: all(until)"
    `);
  });
});
