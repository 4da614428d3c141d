/** Loops whose options meet, states of every kind, associative scans. */
import {
  add,
  all,
  arange,
  associativeScan,
  cast,
  dimshuffle,
  div,
  dot,
  grad,
  gt,
  hessian,
  jvp,
  maximum,
  mod,
  mul,
  scan,
  scanCheckpoints,
  sqr,
  stepResult,
  sub,
  sum,
  tanh,
  xor,
  zeros,
  type Tensor,
} from "@scan-train/core";
import {
  exact,
  flags,
  given,
  input,
  integers,
  loose,
  real,
  small,
  tight,
  type ConformanceCase,
} from "../case.ts";
import { withGradients } from "./with-gradients.ts";

/** A state that a product mixes, one that is its own, and an output that sees both. */
function twoStates(
  name: string,
  options: (given: {
    readonly lengths: Tensor<"int32">;
    readonly mask: Tensor<"bool">;
    readonly resets: Tensor<"bool">;
  }) => object,
  more: { readonly until?: (h: Tensor) => Tensor<"bool"> } = {},
): ConformanceCase {
  return {
    name,
    tolerance: loose,
    build(float) {
      const x = input("x", float, ["T", "B", 2]);
      const W = input("W", float, [4, 4]);
      const U = input("U", float, [2, 4]);
      const h0 = input("h0", float, ["B", 4]);
      const lengths = input("lengths", "int32", ["B"]);
      const mask = input("mask", "bool", ["T", "B"]);
      const resets = input("resets", "bool", ["T", "B"]);
      const { outputs, final } = scan({
        sequences: { x_t: x },
        init: { h: h0, c: mul(h0, 0.5) },
        step: ({ x_t, h, c }) => {
          const next = tanh(add(dot(h, W), dot(x_t, U)));
          const cell = add(mul(c, 0.8), mul(next, h));
          const results = { h: next, c: cell, y: mul(sum(cell, 1), sum(x_t, 1)) };
          return more.until === undefined
            ? results
            : stepResult(results, { until: more.until(next) });
        },
        ...options({ lengths, mask, resets }),
      });
      const results = {
        h: outputs.h,
        c: outputs.c,
        y: outputs.y,
        "last h": final.h,
        "last c": final.c,
      };
      return withGradients({ x, W, U, h0, lengths, mask, resets }, results, [x, W, U, h0]);
    },
    calls: [
      [5, 3],
      [2, 1],
      [3, 0],
      [7, 2],
    ].map(([T = 0, B = 0]) => ({
      x: real(T, B, 2),
      W: small(4, 4),
      U: real(2, 4),
      h0: real(B, 4),
      lengths: integers(0, T + 1, B),
      mask: flags(T, B),
      resets: flags(T, B),
    })),
  };
}

const combined: readonly ConformanceCase[] = [
  twoStates("two states, also of no sequences", () => ({})),
  twoStates("a mask, backwards", ({ mask }) => ({ mask, goBackwards: true })),
  twoStates("a mask with resets", ({ mask, resets }) => ({ mask, resets })),
  twoStates("lengths with resets, backwards", ({ lengths, resets }) => ({
    lengths,
    resets,
    goBackwards: true,
  })),
  twoStates("lengths with a truncated gradient", ({ lengths }) => ({
    lengths,
    truncateGradient: 2,
  })),
  twoStates("each sequence ends by a condition", ({ lengths }) => ({ lengths }), {
    until: (h) => gt(sum(h, 1), 0.9),
  }),
  twoStates("the loop ends by a condition, backwards", () => ({ goBackwards: true }), {
    until: (h) => all(gt(sum(h, 1), 0.4)),
  }),
];

const kinds: ConformanceCase = {
  name: "states of int32 and bool, which choose",
  tolerance: tight,
  build(float) {
    const [x, flip] = [input("x", float, ["T", 3]), input("flip", "bool", ["T", 3])];
    const { outputs, final } = scan({
      sequences: { x_t: x, f_t: flip },
      init: { n: zeros([3], "int32"), on: zeros([3], "bool"), s: zeros([3], float) },
      step: ({ x_t, f_t, n, on, s }) => {
        const now = xor(on, f_t);
        const count = mod(add(mul(n, 3), cast(now, "int32")), 7);
        return {
          n: count,
          on: now,
          s: add(mul(s, cast(now, float)), mul(x_t, cast(count, float))),
        };
      },
    });
    return withGradients(
      { x, flip },
      { s: outputs.s, n: outputs.n, on: outputs.on, last: final.s, count: final.n },
      [x],
    );
  },
  calls: [
    { x: real(6, 3), flip: flags(6, 3) },
    { x: real(1, 3), flip: flags(1, 3) },
  ],
};

const checkpoints: ConformanceCase = {
  name: "checkpoints every few steps of a long loop",
  tolerance: loose,
  build(float) {
    const [x, w] = [input("x", float, ["T", 3]), input("w", float, [3])];
    const { final } = scanCheckpoints((x_t, h) => tanh(add(mul(h ?? x, w), x_t ?? x)), {
      sequences: x,
      outputsInfo: zeros([3], float),
      saveEveryN: 7,
    });
    return withGradients({ x, w }, { last: final[0] ?? x }, [x, w]);
  },
  calls: [
    { x: real(50, 3), w: real(3) },
    { x: real(7, 3), w: real(3) },
  ],
};

const budgets: ConformanceCase = {
  name: "a budget that holds one step in a hundred",
  tolerance: loose,
  build(float) {
    const [x, W] = [input("x", float, ["T", "B", 4]), input("W", float, [4, 4])];
    const { final } = scan({
      sequences: { x_t: x },
      init: { h: zeros([x.size(1), 4], float) },
      step: ({ x_t, h }) => ({ h: tanh(add(dot(h, W), x_t)) }),
      memory: "40KB",
    });
    return withGradients({ x, W }, { last: final.h }, [x, W]);
  },
  calls: [
    { x: small(150, 2, 4), W: small(4, 4) },
    { x: small(3, 2, 4), W: small(4, 4) },
  ],
};

const nestedLengths: ConformanceCase = {
  name: "a padded loop in a padded loop, with second derivatives",
  tolerance: loose,
  build(float) {
    const x = input("x", float, ["S", "B", "T", 2]);
    const w = input("w", float, [2]);
    const lengths = input("lengths", "int32", ["S", "B"]);
    const outer = scan({
      sequences: { sentence: x, words: lengths },
      init: { s: zeros([x.size(1), 2], float) },
      step: ({ sentence, words, s }) => {
        const inner = scan({
          sequences: { x_t: dimshuffle(sentence, [1, 0, 2]) },
          init: { q: s },
          step: ({ x_t, q }) => ({ q: tanh(add(mul(q, w), x_t)) }),
          lengths: cast(words, "int32"),
        });
        return { s: inner.final.q };
      },
    });
    const cost = sum(sqr(outer.outputs.s));
    const slope = grad(cost, w);
    return {
      inputs: { x, w, lengths },
      outputs: { s: outer.outputs.s, slope, second: grad(sum(sqr(slope)), w), gx: grad(cost, x) },
    };
  },
  calls: [
    { x: real(3, 2, 4, 2), w: real(2), lengths: integers(0, 5, 3, 2) },
    { x: real(1, 1, 2, 2), w: real(2), lengths: given([1, 1], [2]) },
  ],
};

const orders: ConformanceCase = {
  name: "third derivatives, a Hessian, and derivatives forwards of gradients",
  tolerance: loose,
  build(float) {
    const [x, w] = [input("x", float, ["T"]), input("w", float, [2])];
    const { final } = scan({
      sequences: { x_t: x },
      init: { h: zeros([], float) },
      step: ({ x_t, h }) => ({ h: tanh(add(sum(mul(w, h)), x_t)) }),
    });
    const cost = sqr(final.h);
    const first = grad(cost, w);
    const second = grad(sum(sqr(first)), w);
    return {
      inputs: { x, w },
      outputs: {
        first,
        second,
        third: grad(sum(second), w),
        hessian: hessian(cost, w),
        forwards: jvp(first, x, mul(x, 0.5)),
      },
    };
  },
  calls: [{ x: small(3), w: small(2) }],
};

const independent: ConformanceCase = {
  name: "a loop without recurrence, of many steps",
  tolerance: loose,
  build(float) {
    const [x, W] = [input("x", float, ["T", "B", 3]), input("W", float, [3, 5])];
    const { outputs } = scan({
      sequences: { x_t: x },
      init: {},
      step: ({ x_t }) => ({ y: tanh(dot(x_t, W)) }),
    });
    return withGradients({ x, W }, { y: outputs.y }, [x, W]);
  },
  calls: [
    { x: small(300, 2, 3), W: real(3, 5) },
    { x: real(1, 4, 3), W: real(3, 5) },
  ],
};

type Rows = Readonly<Record<"a" | "h", Tensor>>;
const affine = (left: Rows, right: Rows): Rows => ({
  a: mul(left.a, right.a),
  h: add(mul(right.a, left.h), right.h),
});

const prefixes: readonly ConformanceCase[] = [
  {
    name: "associative scans of sums, products and greatest, both ways",
    tolerance: loose,
    build(float) {
      const x = input("x", float, ["T", 2]);
      const results = {
        sums: associativeScan((a: Tensor, b: Tensor) => add(a, b), x),
        back: associativeScan((a: Tensor, b: Tensor) => add(a, b), x, { reverse: true }),
        products: associativeScan((a: Tensor, b: Tensor) => mul(a, b), mul(x, 0.9)),
        greatest: associativeScan((a: Tensor, b: Tensor) => maximum(a, b), x),
      };
      return withGradients({ x }, results, [x]);
    },
    calls: [{ x: real(1, 2) }, { x: real(17, 2) }, { x: real(40, 2) }],
  },
  {
    name: "an associative scan of affine functions is a linear recurrence",
    tolerance: loose,
    build(float) {
      const [x, r] = [input("x", float, ["T", "B", 3]), input("r", float, [3])];
      const decay = div(1, add(1, sqr(r)));
      const results = associativeScan(affine, { a: add(mul(x, 0), decay), h: x });
      return withGradients({ x, r }, { h: results.h }, [x, r]);
    },
    calls: [
      { x: real(9, 2, 3), r: real(3) },
      { x: real(65, 1, 3), r: real(3) },
    ],
  },
  {
    name: "an associative scan of int32 wraps",
    tolerance: exact,
    build() {
      const x = input("x", "int32", ["T"]);
      const products = associativeScan(
        (a: Tensor, b: Tensor) => mul(a, b),
        sub(mul(x, 7919), arange(x.size(0))),
      );
      return { inputs: { x }, outputs: { products } };
    },
    calls: [{ x: integers(-99, 99, 21) }, { x: integers(-99, 99, 1) }],
  },
];

export const scanOptionCases: readonly ConformanceCase[] = [
  ...combined,
  kinds,
  checkpoints,
  budgets,
  nestedLengths,
  orders,
  independent,
  ...prefixes,
];
