/** The forward derivative of a truncated scan is the transpose of its truncated gradient, also differentiated again. */
import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  evaluate,
  grad,
  index,
  jvp,
  mul,
  scan,
  sqr,
  sum,
  tanh,
  tensor,
  vjp,
  type Tensor,
} from "../../src/index.ts";

const T = 5;
const f64 = { dtype: "float64" } as const;
const x = tensor("x", { shape: ["T", 2], ...f64 });
const w = tensor("w", { shape: [2], ...f64 });
const s0 = tensor("s0", { shape: [3, 2], ...f64 });
const r0 = tensor("r0", { shape: [2], ...f64 });
const lengths = tensor("lengths", { shape: [2], dtype: "int32" });
const wrt = [x, w, s0, r0] as const;

interface Kind {
  readonly truncateGradient: number;
  readonly goBackwards?: boolean;
  readonly padded?: boolean;
}

/** Two states, one of them with three registers, and an output without feedback; wrt all of these, in many ways at once. */
function loop({ padded = false, ...options }: Kind): readonly Tensor[] {
  const { outputs, final } = scan(
    (x_t, s_tm3, s_tm1, r_tm1) => {
      const s = tanh(s_tm3.mul(w).add(s_tm1.mul(0.5)).add(x_t));
      const r = tanh(r_tm1.mul(s).add(w));
      return [s, r, r.mul(x_t).add(sqr(s_tm3))];
    },
    {
      sequences: x,
      outputsInfo: [{ initial: s0, taps: [-3, -1] }, r0, null],
      ...(padded ? { lengths } : {}),
      ...options,
    },
  );
  return [...outputs, ...final];
}

let seed = 1;
const next = (): number => {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647 - 0.5;
};
const fill = (shape: readonly number[]): unknown =>
  shape.length === 0 ? next() : Array.from({ length: shape[0] ?? 0 }, () => fill(shape.slice(1)));

const shapes = { x: [T, 2], w: [2], s0: [3, 2], r0: [2] };
const values = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => [name, fill(shape)]),
);
const direction = (of: readonly Tensor[], prefix: string): Tensor[] =>
  of.map((t, i) =>
    tensor(`${prefix}${i}`, {
      shape: t.shape.map(() => null),
      ...f64,
    }),
  );
const inner = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
  a.map((u, i) => sum(mul(u, b[i] ?? u))).reduce((p, q) => add(p, q));

const kinds: readonly Kind[] = [
  { truncateGradient: 1 },
  { truncateGradient: 2 },
  { truncateGradient: 3 },
  { truncateGradient: 4 },
  { truncateGradient: 5 },
  { truncateGradient: 9 },
  { truncateGradient: 2, goBackwards: true },
  { truncateGradient: 4, goBackwards: true },
  { truncateGradient: 2, padded: true },
  { truncateGradient: 4, padded: true, goBackwards: true },
];

describe.each(kinds)("%o", (kind) => {
  const ys = loop(kind);
  const vs = direction(wrt, "v");
  const us = direction(ys, "u");
  const others = direction(wrt, "o");
  const shapesOf = [[T, 2], [T, 2], [T, 2], [2], [2], [2]];
  const given: Record<string, unknown> = { ...values, ...(kind.padded ? { lengths: [5, 3] } : {}) };
  for (const [i, shape] of Object.values(shapes).entries()) {
    given[`v${i}`] = fill(shape);
    given[`o${i}`] = fill(shape);
  }
  for (const [i, shape] of shapesOf.entries()) given[`u${i}`] = fill(shape);
  const forward = inner(us, jvp(ys, wrt, vs));
  const backward = inner(vjp(ys, wrt, us), vs);
  const options = { disconnectedInputs: "ignore" } as const;
  // The same bilinear form, differentiated once more, in both modes.
  const second = [
    inner(grad(forward, wrt, options), others),
    inner(grad(backward, wrt, options), others),
    jvp(forward, wrt, others),
    jvp(backward, wrt, others),
  ];
  const all = {
    forward,
    backward,
    second0: second[0],
    second1: second[1],
    second2: second[2],
    second3: second[3],
  } as Record<string, Tensor>;

  test("<u, J v> is <Jt u, v>, to second order", () => {
    const names = Object.keys(all);
    const found = evaluate(Object.values(all), given as never).map((v) => v.item());
    const [a = NaN, b, ...twice] = found;
    expect(names).toHaveLength(6);
    expect(Math.abs(a)).toBeGreaterThan(1e-3);
    expect(a).toBeCloseTo(b ?? NaN, 12);
    for (const v of twice) expect(v).toBeCloseTo(twice[0] ?? NaN, 11);
  });
  test.each(["full", "fast", "none"] as const)("compiled, optimize %s", async (optimize) => {
    const inputs = Object.fromEntries(
      [...wrt, ...vs, ...us, ...others, ...(kind.padded ? [lengths] : [])].map((t) => [
        t.name ?? "",
        t,
      ]),
    );
    const f = await compile({ inputs, outputs: all, optimize });
    const expected = evaluate(all, given as never);
    const got = f(given as never);
    for (const name of Object.keys(all))
      expect(got[name]?.item(), name).toBeCloseTo(expected[name]?.item() ?? NaN, 10);
  });
});

test("tangents before the last k steps are zero, and of outputs there too", () => {
  const { outputs, final } = scan((x_t, s) => s.mul(w).add(x_t), {
    sequences: x,
    outputsInfo: r0,
    truncateGradient: 2,
  });
  const [rows, last] = jvp([outputs, final], [x, r0], [x, r0]);
  const at = evaluate([rows, last, index(rows, -1)], {
    x: [
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ],
    w: [2, 3],
    r0: [5, 5],
  });
  expect(at[0].toArray()).toEqual([
    [0, 0],
    [0, 0],
    [1, 1],
    [3, 4],
  ]);
  expect(at[1].toArray()).toEqual([3, 4]);
});
