/** A row of a padded batch gives what running it alone gives, whatever the other options are. */
import { describe, expect, test } from "vitest";
import {
  evaluate,
  grad,
  scan,
  shared,
  sqrt,
  stepResult,
  sum,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";

const taps: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, -1],
  [1, 0],
  [-2, 1],
];

/** Both sequences are read once per step; their taps cost different numbers of rows. */
function run(
  x: Tensor,
  y: Tensor,
  [tapOfX, tapOfY]: readonly [number, number],
  more: { readonly lengths?: Tensor<"int32">; readonly mask?: Tensor<"bool"> } = {},
): Tensor {
  const step = (u: Tensor, v: Tensor): Tensor => u.mul(v).add(u);
  const sequences = [
    { input: x, taps: [tapOfX] },
    { input: y, taps: [tapOfY] },
  ] as const;
  return scan(step, { sequences, goBackwards: true, ...more }).outputs;
}

describe("padded batches from their ends", () => {
  const rows = { x: [1, 2, 3, 4, 5], y: [6, 7, 8, 9, 10] };
  const batch = (values: readonly number[]): number[][] =>
    values.map((v, t) => [v, t < 4 ? v * 10 : Number.NaN]);
  const [x, y] = [
    tensor("x", { shape: ["T", "B"], dtype: "float64" }),
    tensor("y", { shape: ["T", "B"], dtype: "float64" }),
  ];
  const lengths = vector("lengths", { dtype: "int32" });
  const mask = tensor("mask", { shape: ["T", "B"], dtype: "bool" });
  const valid = rows.x.map((_, t) => [true, t < 4]);

  test.each(taps)("align sequences of taps %i and %i at the ends", (...pair) => {
    const alone = (column: number): number[] => {
      const [u, v] = [vector("x", { dtype: "float64" }), vector("y", { dtype: "float64" })];
      const length = column === 0 ? 5 : 4;
      const cut = (values: readonly number[]): number[] =>
        values.slice(0, length).map((value) => value * (column === 0 ? 1 : 10));
      const outputs = run(u, v, pair);
      const wrt = [outputs, ...grad(sum(outputs), [u, v])];
      return evaluate(wrt, { x: cut(rows.x), y: cut(rows.y) }).flatMap(({ data }) => [...data]);
    };
    const given = { x: batch(rows.x), y: batch(rows.y) };
    for (const [more, values] of [
      [{ lengths }, { ...given, lengths: [5, 4] }],
      [{ mask }, { ...given, mask: valid }],
    ] as const) {
      const outputs = run(x, y, pair, more);
      const found = evaluate([outputs, ...grad(sum(outputs), [x, y])], values);
      for (const column of [0, 1]) {
        const lost = column === 0 ? 0 : 1;
        const own = found.flatMap(({ data }) => {
          const values = [...data].filter((_, i) => i % 2 === column);
          return values.slice(0, values.length - lost);
        });
        expect(own).toEqual(alone(column));
      }
    }
  });
});

describe("a truncated gradient of a padded batch", () => {
  const x = tensor("x", { shape: ["T", "B"], dtype: "float64" });
  const w = vector("w", { dtype: "float64" });
  const lengths = vector("lengths", { dtype: "int32" });
  const values = {
    x: [
      [0, 0],
      [0, 4],
      [9, Number.NaN],
    ],
    w: [1, 1],
    lengths: [3, 2],
  };

  test.each([false, true])(
    "is untouched by infinite slopes before its window, inside a nested scan: %s",
    (nested) => {
      const root = (v: Tensor): Tensor =>
        nested ? scan((u) => u.add(sqrt(v)), { outputsInfo: v.mul(0), nSteps: 1 }).final : sqrt(v);
      const { final } = scan((v, h) => h.add(root(v.mul(w))), {
        sequences: x,
        outputsInfo: zeros([lengths.size(0)], "float64"),
        lengths,
        truncateGradient: 1,
      });
      const [value, dx, dw] = evaluate([final, ...grad(sum(final), [x, w])], values);
      expect(value?.toArray()).toEqual([3, 2]);
      expect(dx?.toArray()).toEqual([
        [0, 0],
        [0, 0.25],
        [1 / 6, 0],
      ]);
      expect(dw?.toArray()).toEqual([1.5, 1]);
    },
  );
});

test("a shared variable advances in the steps that some sequence has, however much padding follows", () => {
  const x = tensor("x", { shape: ["T", "B"] });
  const lengths = vector("lengths", { dtype: "int32" });
  const mask = tensor("mask", { shape: ["T", "B"], dtype: "bool" });
  const counted = (more: object): Tensor => {
    const count = shared(0, { name: "count", dtype: "int32" });
    const step = (v: Tensor): unknown => stepResult(v, { updates: [[count, count.add(1)]] });
    const { updates } = scan(step as (v: Tensor) => Tensor, { sequences: x, ...more });
    return updates[0]?.[1] ?? x;
  };
  const rows = (n: number): number[][] => Array.from({ length: n }, () => [1, Number.NaN]);
  for (const padded of [3, 4, 9])
    expect(evaluate(counted({ lengths }), { x: rows(padded), lengths: [3, 1] }).item()).toBe(3);
  const holes = [true, false, true, false].map((row) => [row, false]);
  expect(evaluate(counted({ mask }), { x: rows(4), mask: holes }).item()).toBe(2);
});
