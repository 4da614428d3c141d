/** scan against the loop written out, one sequence at a time: values and gradients, for all kinds of steps. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  constant,
  evaluate,
  grad,
  gradCheck,
  index,
  mul,
  scan,
  sqr,
  stack,
  stopGradient,
  sum,
  tanh,
  tensor,
  zeros,
  type NDArray,
  type Tensor,
  type TensorValue,
} from "../../src/index.ts";

interface Plan {
  readonly rows: number;
  readonly sequenceTaps: readonly number[];
  readonly stateTaps: readonly number[];
  readonly goBackwards: boolean;
  readonly padding: "none" | "lengths" | "mask";
  /** mask[t][b], or the lengths as their mask. */
  readonly mask: readonly (readonly boolean[])[];
  readonly truncateGradient: number;
}
const batch = 2;

const plans: fc.Arbitrary<Plan> = fc
  .record({
    steps: fc.integer({ min: 0, max: 5 }),
    sequenceTaps: fc.constantFrom([0], [-1], [1], [-2, 0], [1, -1], [0, 2, -1]),
    stateTaps: fc.constantFrom([-1], [-2], [-2, -1], [-1, -3]),
    goBackwards: fc.boolean(),
    padding: fc.constantFrom("none" as const, "lengths" as const, "mask" as const),
    bits: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
    truncateGradient: fc.constantFrom(-1, -1, 1, 2),
  })
  .map(({ steps, bits, ...plan }) => {
    const { span } = reach(plan.sequenceTaps);
    const rows = steps + span;
    const lengths = [0, 1].map((b) => bits.slice(b * 10, b * 10 + rows).filter((x) => x).length);
    const mask = Array.from({ length: rows }, (_, t) =>
      Array.from({ length: batch }, (_b, b) =>
        plan.padding === "none"
          ? true
          : plan.padding === "lengths"
            ? t < (lengths[b] ?? 0)
            : (bits[20 + t * batch + b] ?? true),
      ),
    );
    return { ...plan, rows, mask };
  });

function reach(taps: readonly number[]): { readonly back: number; readonly span: number } {
  const back = -Math.min(0, ...taps);
  return { back, span: Math.max(0, ...taps) + back };
}

interface Model {
  readonly x: Tensor;
  readonly initial: Tensor;
  readonly w: Tensor;
}
/** One step on one or on all sequences: elementwise. */
function advance(
  { w }: Model,
  xs: readonly Tensor[],
  hs: readonly Tensor[],
): { readonly h: Tensor; readonly y: Tensor } {
  const fromX = xs.map((x, k): Tensor => x.mul(0.5 + 0.3 * k)).reduce((a, b) => a.add(b));
  const fromH = hs.map((h, k): Tensor => h.mul(0.7 - 0.4 * k)).reduce((a, b) => a.add(b));
  const h = tanh(fromX.add(fromH.mul(w)));
  return { h, y: h.mul(xs[0] ?? h).add(w.div(fromX.add(2))) };
}

interface Results {
  readonly h: Tensor;
  readonly y: Tensor;
  readonly finalH: Tensor;
  readonly finalY: Tensor;
}

function withScan(plan: Plan, model: Model): Results {
  const args = {
    sequences: { input: model.x, taps: plan.sequenceTaps },
    outputsInfo: [initialState(plan, model), null],
    goBackwards: plan.goBackwards,
    truncateGradient: plan.truncateGradient,
    ...(plan.padding === "lengths" ? { lengths: constant(countTrue(plan.mask), "int32") } : {}),
    ...(plan.padding === "mask"
      ? {
          mask: constant(plan.mask.length === 0 ? [] : plan.mask, "bool").reshape([
            plan.rows,
            batch,
          ]),
        }
      : {}),
  };
  const xs = plan.sequenceTaps.length;
  const { outputs, final } = scan((...rows: readonly Tensor[]) => {
    const { h, y } = advance(model, rows.slice(0, xs), rows.slice(xs));
    return [h, y];
  }, args);
  const [h, y] = outputs;
  const [finalH, finalY] = final;
  return { h, y, finalH, finalY };
}

/** The last rows of three past values: as many as the taps need. */
function initialState(
  { stateTaps }: Plan,
  { initial }: Model,
): Tensor | { readonly initial: Tensor; readonly taps: readonly number[] } {
  if (stateTaps.join() === "-1") return index(initial, -1);
  return { initial: index(initial, { start: Math.min(...stateTaps) }), taps: stateTaps };
}

const countTrue = (mask: Plan["mask"]): number[] =>
  Array.from({ length: batch }, (_, b) => mask.filter((row) => row[b] === true).length);

/** The same, written out for each sequence by itself. */
function writtenOut(plan: Plan, model: Model): Results {
  const { back, span } = reach(plan.sequenceTaps);
  const steps = plan.rows - span;
  const columns = Array.from({ length: batch }, (_, b) => {
    const isValid = (s: number): boolean =>
      [0, ...plan.sequenceTaps].every((tap) => plan.mask[s + tap + back]?.[b] === true);
    const order = Array.from({ length: steps }, (_s, s) => s);
    const end = plan.padding === "none" ? steps : 1 + Math.max(-1, ...order.filter(isValid));
    const visited = plan.goBackwards ? order.slice(0, end).toReversed() : order.slice(0, end);
    const valid = visited.filter(isValid);
    const live = new Set(plan.truncateGradient < 0 ? valid : valid.slice(-plan.truncateGradient));
    const past = [0, 1, 2].map((r) => index(model.initial, r, b));
    const zero = constant(0, "float64");
    let finalY: Tensor = zero;
    const rows = Array.from({ length: steps }, (_r, i) => {
      const s = visited[i];
      if (s === undefined || !isValid(s)) return [zero, zero] as const;
      const made = advance(
        model,
        plan.sequenceTaps.map((tap) => index(model.x, s + tap + back, b)),
        plan.stateTaps.map((tap) => past.at(tap) ?? zero),
      );
      const cut = (z: Tensor): Tensor => (live.has(s) ? z : stopGradient(z));
      const [h, y] = [cut(made.h), cut(made.y)];
      past.push(h);
      finalY = y;
      return [h, y] as const;
    });
    return { rows, finalH: past.at(-1) ?? zero, finalY };
  });
  const history = (k: 0 | 1): Tensor =>
    steps === 0
      ? zeros([0, batch], "float64")
      : stack(
          columns.map(({ rows }) => stack(rows.map((row) => row[k]))),
          1,
        );
  return {
    h: history(0),
    y: history(1),
    finalH: stack(columns.map((c) => c.finalH)),
    finalY: stack(columns.map((c) => c.finalY)),
  };
}

const cost = ({ h, y, finalH, finalY }: Results): Tensor =>
  add(add(sum(sqr(h).mul(0.5)), sum(mul(y, 0.3))), add(sum(sqr(finalH)), sum(finalY.mul(1.5))));

function makeModel(plan: Plan): Model {
  const make = (name: string, shape: readonly (number | string)[]): Tensor =>
    tensor(name, { shape, dtype: "float64" });
  return {
    x: make("x", plan.rows === 0 ? [0, batch] : ["T", batch]),
    initial: make("initial", [3, batch]),
    w: make("w", []),
  };
}
const initial = [
  [0.3, -0.2],
  [0.5, 0.1],
  [-0.4, 0.6],
];

const givenValues = (model: Model, x: TensorValue): Map<Tensor, TensorValue> =>
  new Map<Tensor, TensorValue>([
    [model.x, x],
    [model.initial, initial],
    [model.w, 0.8],
  ]);

/** States, outputs, their last values, and the gradients of a cost of all of them. */
function allResults(
  plan: Plan,
  model: Model,
  build: (plan: Plan, model: Model) => Results,
): Tensor[] {
  const results = build(plan, model);
  const wrt = [model.x, model.initial, model.w];
  const gradients = grad(cost(results), wrt, { disconnectedInputs: "ignore" });
  return [results.h, results.y, results.finalH, results.finalY, ...gradients];
}

/** The sequences' rows; those in padding hold `poison`. */
function rowsOf(plan: Plan, poison: number): TensorValue {
  const isValid = (i: number): boolean => plan.mask[Math.floor(i / batch)]?.[i % batch] === true;
  const data = Float64Array.from({ length: plan.rows * batch }, (_, i) =>
    isValid(i) ? Math.sin(1.7 * i + 1) : poison,
  );
  return { data, shape: [plan.rows, batch] };
}

function run(plan: Plan, build: (plan: Plan, model: Model) => Results, poison: number): NDArray[] {
  const model = makeModel(plan);
  return evaluate(allResults(plan, model, build), givenValues(model, rowsOf(plan, poison)));
}

/** One compiled function called once for each kind of padding. */
async function runCompiled(plan: Plan, poisons: readonly number[]): Promise<NDArray[][]> {
  const model = makeModel(plan);
  const outputs = Object.fromEntries(
    allResults(plan, model, withScan).map((result, i) => [`r${i}`, result]),
  );
  const inputs = { x: model.x, initial: model.initial, w: model.w };
  const call = await compile({ inputs, outputs, unusedInputs: "ignore" });
  const results = poisons.map((poison) =>
    Object.values(call({ x: rowsOf(plan, poison), initial, w: 0.8 })),
  );
  call.dispose();
  return results;
}

describe("scan", () => {
  test("equals the loop written out, values and gradients, and padding changes nothing", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const want = run(plan, writtenOut, 0);
        const got = run(plan, withScan, 0);
        for (const [i, array] of got.entries()) expectNear(array, want[i]);
        const poisoned = run(plan, withScan, Number.NaN);
        for (const [i, array] of poisoned.entries())
          expect([...array.data]).toEqual([...(got[i]?.data ?? [])]);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test("compiles to the same values and gradients, and padding changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const want = run(plan, withScan, 0);
        const got = await runCompiled(plan, [0, Number.NaN]);
        for (const [i, array] of (got[0] ?? []).entries()) expectNear(array, want[i]);
        expect(got[1]?.map((array) => [...array.data])).toEqual(
          got[0]?.map((array) => [...array.data]),
        );
      }),
      { numRuns: 25, seed: 11 },
    );
  });

  test("has the gradients that differences show, through taps, masks and both directions", () => {
    fc.assert(
      fc.property(
        plans.filter((plan) => plan.truncateGradient === -1 && plan.rows > 0),
        (plan) => {
          const model = makeModel(plan);
          const x = Array.from({ length: plan.rows }, (_, t) => [Math.sin(t), Math.cos(2 * t)]);
          const values = givenValues(model, x);
          const wrt = reach(plan.sequenceTaps).span === plan.rows ? [] : [model.x, model.w];
          const results = withScan(plan, model);
          expect(String(gradCheck(cost(results), wrt, values))).toMatch(/^passed/);
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  });
});

function expectNear(got: NDArray, want: NDArray | undefined): void {
  expect(got.shape).toEqual(want?.shape);
  for (const [i, x] of got.data.entries())
    expect(Math.abs(x - (want?.data[i] ?? Number.NaN))).toBeLessThan(1e-10);
}
