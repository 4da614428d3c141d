/** Loops: every way to write them, their gradients, and derivatives of those. */
import {
  add,
  associativeScan,
  dot,
  foldl,
  foldr,
  grad,
  gt,
  hessianVectorProduct,
  jvp,
  map,
  max,
  mul,
  reduce,
  scan,
  shared,
  sqr,
  stepResult,
  sub,
  sum,
  tanh,
  zeros,
  type Tensor,
} from "@scan-train/core";
import { foldIn, key, uniform } from "@scan-train/core/random";
import {
  flags,
  given,
  input,
  integers,
  loose,
  real,
  tight,
  type Built,
  type ConformanceCase,
  type Float,
} from "../case.ts";
import { withGradients } from "./with-gradients.ts";

interface Recurrence {
  readonly x: Tensor;
  readonly W: Tensor;
  readonly h0: Tensor;
}

/** h = tanh(x + h W) over `[T, B, 3]`, with what a case adds. */
function recurrent(
  name: string,
  more: (float: Float) => { readonly inputs?: Built["inputs"]; readonly options: object },
  calls: ConformanceCase["calls"],
): ConformanceCase {
  return {
    name,
    tolerance: loose,
    build(float) {
      const { inputs = {}, options } = more(float);
      const r: Recurrence = {
        x: input("x", float, ["T", "B", 3]),
        W: input("W", float, [3, 3]),
        h0: input("h0", float, ["B", 3]),
      };
      const { outputs, final } = scan({
        sequences: { x: r.x },
        init: { h: r.h0 },
        step: ({ x, h }) => ({
          h: tanh(x.add(dot(h, r.W))),
          y: mul(x, sum(h, 1, { keepdims: true })),
        }),
        ...options,
      });
      const results = { h: outputs.h, y: outputs.y, final: final.h };
      return withGradients({ ...inputs, ...r }, results, [r.x, r.W, r.h0]);
    },
    calls,
  };
}

const shapes = (T: number, B: number) => ({ x: real(T, B, 3), W: real(3, 3), h0: real(B, 3) });

const plain: readonly ConformanceCase[] = [
  recurrent("a recurrence, of sizes that change from call to call", () => ({ options: {} }), [
    shapes(4, 2),
    shapes(1, 3),
    shapes(9, 1),
    shapes(0, 2),
    shapes(4, 2),
  ]),
  recurrent("backwards", () => ({ options: { goBackwards: true } }), [shapes(5, 2)]),
  recurrent("with a truncated gradient", () => ({ options: { truncateGradient: 2 } }), [
    shapes(6, 2),
  ]),
  recurrent(
    "with lengths, also none and all",
    () => {
      const lengths = input("lengths", "int32", ["B"]);
      return { inputs: { lengths }, options: { lengths } };
    },
    [
      { ...shapes(5, 4), lengths: given([4], [5, 0, 2, 1]) },
      { ...shapes(3, 2), lengths: given([2], [3, 3]) },
    ],
  ),
  recurrent(
    "with lengths, backwards",
    () => {
      const lengths = input("lengths", "int32", ["B"]);
      return { inputs: { lengths }, options: { lengths, goBackwards: true } };
    },
    [{ ...shapes(5, 3), lengths: given([3], [4, 0, 5]) }],
  ),
  recurrent(
    "with a mask with holes",
    () => {
      const mask = input("mask", "bool", ["T", "B"]);
      return { inputs: { mask }, options: { mask } };
    },
    [{ ...shapes(6, 3), mask: flags(6, 3) }],
  ),
  recurrent(
    "with resets",
    () => {
      const resets = input("resets", "bool", ["T", "B"]);
      return { inputs: { resets }, options: { resets } };
    },
    [{ ...shapes(6, 3), resets: flags(6, 3) }],
  ),
  recurrent("within a budget of memory", () => ({ options: { memory: "24KB" } }), [shapes(40, 2)]),
];

const taps: ConformanceCase = {
  name: "taps of sequences and states, both ways",
  tolerance: loose,
  build(float) {
    const [x, z0] = [input("x", float, ["T"]), input("z0", float, [2])];
    const { outputs } = scan({
      sequences: { before: { input: x, taps: { past: -1, now: 0, next: 1 } } },
      init: { z: { initial: z0, taps: { z1: -1, z2: -2 } } },
      step: ({ past, now, next, z1, z2 }) => ({
        z: tanh(add(mul(past, z2), sub(mul(now, z1), next))),
      }),
    });
    return withGradients({ x, z0 }, { z: outputs.z }, [x, z0]);
  },
  calls: [
    { x: real(7), z0: real(2) },
    { x: real(3), z0: real(2) },
  ],
};

const symbolic: ConformanceCase = {
  name: "a number of steps that is a value",
  tolerance: loose,
  build(float) {
    const [n, a] = [input("n", "int32", []), input("a", float, [2])];
    const { outputs, final } = scan({
      nSteps: n,
      init: { p: a },
      step: ({ p }) => ({ p: mul(p, add(a, 0.5)) }),
    });
    return withGradients({ n, a }, { all: outputs.p, last: final.p }, [a]);
  },
  calls: [3, 0, 5].map((n) => ({ n: given([], [n]), a: real(2) })),
};

const until: ConformanceCase = {
  name: "a loop that ends by a condition",
  tolerance: loose,
  build(float) {
    const [limit, start] = [input("limit", float, []), input("start", float, [3])];
    const { outputs, final } = scan({
      nSteps: 20,
      init: { v: start },
      step: ({ v }) => {
        const next = mul(v, 1.5);
        return stepResult({ v: next, half: mul(next, 0.5) }, { until: gt(max(next), limit) });
      },
    });
    const results = { v: outputs.v, half: outputs.half, last: final.v };
    return withGradients({ limit, start }, results, [start]);
  },
  calls: [
    { limit: given([], [10]), start: given([3], [1, 0.5, 0.25]) },
    { limit: given([], [0]), start: given([3], [1, 0.5, 0.25]) },
    { limit: given([], [1e9]), start: given([3], [1, 0.5, 0.25]) },
  ],
};

const nested: ConformanceCase = {
  name: "a loop in a loop",
  tolerance: loose,
  build(float) {
    const [x, a] = [input("x", float, ["T", "K", 2]), input("a", float, [2])];
    const { outputs, final } = scan({
      sequences: { rows: x },
      init: { s: zeros([2], float) },
      step: ({ rows, s }) => {
        const inner = scan({
          sequences: { r: rows },
          init: { q: s },
          step: ({ r, q }) => ({ q: tanh(add(mul(q, a), r)) }),
        });
        return { s: inner.final.q, total: sum(inner.outputs.q, 0) };
      },
    });
    return withGradients({ x, a }, { total: outputs.total, last: final.s }, [x, a]);
  },
  calls: [
    { x: real(3, 4, 2), a: real(2) },
    { x: real(2, 1, 2), a: real(2) },
  ],
};

const higher: ConformanceCase = {
  name: "second derivatives, and derivatives forwards",
  tolerance: loose,
  build(float) {
    const [x, w, v] = [input("x", float, ["T", 2]), input("w", float, [2]), input("v", float, [2])];
    const { final } = scan({
      sequences: { x },
      init: { h: zeros([2], float) },
      step: ({ x: x_t, h }) => ({ h: tanh(add(mul(h, w), x_t)) }),
    });
    const cost = sum(sqr(final.h));
    const slope = grad(cost, w);
    return {
      inputs: { x, w, v },
      outputs: {
        second: grad(sum(sqr(slope)), w),
        product: hessianVectorProduct(cost, w, v),
        forwards: jvp(final.h, w, v),
      },
    };
  },
  calls: [{ x: real(4, 2), w: real(2), v: real(2) }],
};

const words: ConformanceCase = {
  name: "map, reduce, foldl, foldr and associativeScan",
  tolerance: loose,
  build(float) {
    const x = input("x", float, ["T", 2]);
    const results = {
      map: map((row: Tensor) => mul(row, 2), x).outputs,
      reduce: reduce((row: Tensor, acc: Tensor) => add(row, mul(acc, 0.5)), x, zeros([2], float))
        .final,
      foldl: foldl((row: Tensor, acc: Tensor) => sub(row, acc), x, zeros([2], float)).final,
      foldr: foldr((row: Tensor, acc: Tensor) => sub(row, acc), x, zeros([2], float)).final,
      sums: associativeScan((a: Tensor, b: Tensor) => add(a, b), x),
    };
    return withGradients({ x }, results, [x]);
  },
  calls: [{ x: real(6, 2) }, { x: real(1, 2) }],
};

const inside: ConformanceCase = {
  name: "variables updated and random numbers drawn inside a loop",
  tolerance: tight,
  build(float) {
    const x = input("x", float, ["T"]);
    const count = shared(1, { name: "count", dtype: float });
    const { outputs, updates } = scan({
      sequences: { x },
      init: {},
      step: ({ x: x_t }) =>
        stepResult({ y: mul(x_t, count) }, { updates: [[count, add(count, x_t)]] }),
    });
    const draws = scan({
      nSteps: 4,
      init: { n: zeros([], "int32") },
      step: ({ n }) => ({ n: add(n, 1), u: uniform(foldIn(key(5), n), [3]) }),
    });
    return {
      inputs: { x },
      outputs: { y: outputs.y, u: draws.outputs.u },
      updates,
      variables: [count],
    };
  },
  calls: [{ x: real(4) }, { x: real(3) }],
};

const ids: ConformanceCase = {
  name: "rows of a table in every step, with their gradient",
  tolerance: loose,
  build(float) {
    const [table, x] = [input("table", float, [5, 3]), input("x", "int32", ["T", "B"])];
    const { outputs } = scan({
      sequences: { x },
      init: { h: zeros([x.size(1), 3], float) },
      step: ({ x: x_t, h }) => ({ h: tanh(add(table.take(x_t, 0), mul(h, 0.5))) }),
    });
    return withGradients({ table, x }, { h: outputs.h }, [table]);
  },
  calls: [{ table: real(5, 3), x: integers(0, 5, 4, 3) }],
};

export const scanCases: readonly ConformanceCase[] = [
  ...plain,
  taps,
  symbolic,
  until,
  nested,
  higher,
  words,
  inside,
  ids,
];
