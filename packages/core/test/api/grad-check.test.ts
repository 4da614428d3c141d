/** gradCheck says where a gradient is wrong: the tensor, its entry, the time step, and both numbers. */
import { expect, test } from "vitest";
import {
  customGrad,
  gradCheck,
  scan,
  sqr,
  stopGradient,
  sum,
  tanh,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";

const f64 = { dtype: "float64" } as const;
const x = tensor("x", { shape: ["T", "B"], ...f64 });
const w = vector("w", f64);
const data = [
  [0.5, -1],
  [0.25, 2],
  [1, -0.5],
];
const roundly = (report: unknown): string =>
  String(report).replaceAll(/-?\d+\.\d{5,}(e-\d+)?/g, (n) => Number(n).toPrecision(3));
/** A gradient that is right except where `at` is large. */
const wrongWhere = customGrad({
  name: "wrongWhere",
  forward: (v: Tensor) => tanh(v),
  pullback: ({ inputs: [v], outputs: [y], cotangents: [g] }) =>
    g.mul(sqr(y).neg().add(1)).mul(v.gt(1.5).where(3, v.mul(0).add(1))),
});

test("a sequence has its time step, also behind slices and arithmetic", () => {
  const { outputs } = scan((r, s) => wrongWhere(s.mul(0.1).add(r)).mul(w), {
    sequences: x.mul(1),
    outputsInfo: zeros([2], "float64"),
    name: "encoder",
  });
  const report = gradCheck(sum(outputs), [x, w], { x: data, w: [1, 1] });
  expect(report.passed).toBe(false);
  expect(report.worst).toMatchObject({
    tensor: '"x"',
    index: [1, 1],
    step: { row: 1, scan: 'scan "encoder"' },
  });
  expect(roundly(report)).toMatchInlineSnapshot(`
    "FAILED: worst at "x"[1, 1] (time step 1 of scan "encoder"): exact 0.266, numeric 0.0888, error 0.178
      and at "w"[1]: exact -0.125, numeric -0.112, error 0.0135"
  `);
});
test("rows that a sequence tap reads are rows of the sequence", () => {
  const { outputs } = scan((now, next) => wrongWhere(now).add(next), {
    sequences: { input: x, taps: [0, 1] },
  });
  expect(gradCheck(sum(outputs), [x], { x: data }).worst.step).toEqual({ row: 1, scan: "scan" });
});
test("a weight and a transposed tensor have no time step", () => {
  const cost = sum(x.mul(stopGradient(x))).add(sum(w));
  const { worst, failures } = gradCheck(cost, [x, w], { x: data, w: [1] });
  expect(failures).toHaveLength(1);
  expect(worst.step).toBeUndefined();
  const turned = scan((r) => r.mul(stopGradient(r)), { sequences: x.T }).outputs;
  expect(gradCheck(sum(turned), [x], { x: data }).worst.step).toBeUndefined();
});
test("every tensor that fails is named, the worst first", () => {
  const cost = sum(w.mul(stopGradient(w))).add(sum(x.mul(stopGradient(x)).mul(3)));
  expect(roundly(gradCheck(cost, [w, x], { x: [[1]], w: [0.5] }))).toMatchInlineSnapshot(`
    "FAILED: worst at "w"[0]: exact 0.5, numeric 1.00, error 0.500
      and at "x"[0, 0]: exact 3, numeric 6.00, error 0.500"
  `);
});
test("no number is worse than any error", () => {
  const cost = sum(w.sqrt()).add(sum(x.mul(stopGradient(x))));
  const { passed, worst } = gradCheck(cost, [x, w], { x: [[100]], w: [0] });
  expect(passed).toBe(false);
  expect(worst.tensor).toBe('"w"');
  expect(worst.error).toBeNaN();
});
test("a right gradient says how right", () =>
  expect(String(gradCheck(sum(sqr(w)), [w], { w: [1, 2] }))).toMatch(
    /^passed: worst at "w"\[\d\]: exact \d, numeric/,
  ));
