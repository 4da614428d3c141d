/** Builders for the forms of a scan: its sequences, taps, directions, outputs and updates. */
import {
  arange,
  constant,
  dropUpdates,
  index,
  maximum,
  mean,
  scan,
  sigmoid,
  sqr,
  stepResult,
  stopGradient,
  sub,
  sum,
  tanh,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { gradients, sumOfSquares, type Builder } from "./golden.ts";

export const scanCases: Readonly<Record<string, Builder>> = {
  "captured-expression": (make) => {
    const [x, W] = make.all("x", "W");
    const W2 = W.mul(W);
    const { outputs: r } = scan((row) => row.dot(W2), { sequences: x });
    const cost = sum(sqr(r));
    return { outputs: { cost, r, ...gradients(cost, { x, W }) } };
  },
  "different-lengths-three": (make) => {
    const [a, b, c] = make.all("a", "b", "c");
    const { outputs: r } = scan((x, y, z) => x.mul(y).add(z), { sequences: [a, b, c] });
    const cost = sum(sqr(r));
    return { outputs: { cost, r, n: r.size(0), ...gradients(cost, { a, b, c }) } };
  },
  "factorial-fibonacci-int": (make) => {
    const n = make.in("n").cast("int32");
    const f = scan((i, product) => product.mul(i), {
      sequences: arange(1, n.add(1)),
      outputsInfo: constant(1, "int32"),
    }).outputs;
    const g = scan((a: Tensor, b: Tensor) => a.add(b), {
      outputsInfo: { initial: constant([0, 1], "int32"), taps: [-2, -1] },
      nSteps: n,
    }).outputs;
    return { outputs: { f, g } };
  },
  "go-backwards-different-lengths": (make) => {
    const [x, y] = make.all("x", "y");
    const { outputs: r } = scan((a, b) => a.mul(b), { sequences: [x, y], goBackwards: true });
    const cost = sum(sqr(r));
    return { outputs: { cost, r, ...gradients(cost, { x, y }) } };
  },
  "map-go-backwards": (make) => ({
    outputs: { r: scan((x) => x.mul(2), { sequences: make.in("a"), goBackwards: true }).outputs },
  }),
  "memory-reuse-outputs-as-inputs": (make) => {
    const {
      outputs: [o1, o2, o3, o4],
    } = scan(
      (s3: Tensor, s2: Tensor, s1: Tensor) => [s2, s1, stopGradient(s2), s3.add(s2).add(s1)],
      {
        outputsInfo: [null, null, null, { initial: make.in("init"), taps: [-3, -2, -1] }],
        nSteps: 3,
      },
    );
    return { outputs: { o1, o2, o3, o4 } };
  },
  "nonseq-unused-and-constant": (make) => {
    const [W, v] = make.all("W", "v");
    const { outputs: r } = scan(
      (i, table, _unused, _again, two, half) => index(table, i).mul(two).add(half),
      { sequences: v, nonSequences: [W, v, W, 2, 0.5] },
    );
    const cost = sum(sqr(r));
    return { outputs: { cost, r, ...gradients(cost, { W }) } };
  },
  "nsteps-expression": (make) => ({
    outputs: {
      c: scan((c) => c.add(2), { outputsInfo: constant(0, "int32"), nSteps: make.in("x").size(0) })
        .outputs,
    },
  }),
  "outputs-none-mixed-order": (make) => {
    const [u1, u2, x0, y0, Win, w2, W, wo] = make.all(
      "u1",
      "u2",
      "x0",
      "y0",
      "Win",
      "w2",
      "W",
      "wo",
    );
    const {
      outputs: [o1, o2, x, y],
    } = scan(
      (a, b, x_tm1, y_tm1, y_tm3) => [
        y_tm3.add(1),
        y_tm3.add(2),
        a.dot(Win).add(b.mul(w2)).add(x_tm1.dot(W)),
        y_tm1.add(x_tm1.dot(wo)),
      ],
      { sequences: [u1, u2], outputsInfo: [null, null, x0, { initial: y0, taps: [-1, -3] }] },
    );
    const cost = sumOfSquares(o1, o2, x, y);
    return {
      outputs: { cost, o1, o2, x, y, ...gradients(cost, { u1, u2, x0, y0, Win, w2, W, wo }) },
    };
  },
  "reduce-sum-and-two-outputs": (make) => {
    const [v, s] = make.all("v", "s");
    const total = scan((x, acc) => acc.add(x), { sequences: v, outputsInfo: s }).final;
    const [greatest, product] = scan((x, m, p) => [maximum(m, x), p.mul(x)], {
      sequences: v,
      outputsInfo: [s, constant(1, make.float)],
    }).final;
    const cost = sqr(total).add(product);
    return {
      outputs: { cost, sum: total, max: greatest, prod: product, ...gradients(cost, { v, s }) },
    };
  },
  "result-subsets-states": (make) => {
    const [x, a0, b0] = make.all("x", "a0", "b0");
    const {
      outputs: [a, b],
    } = scan(
      (x_t, a_tm1, b_tm1, b_tm2) => [a_tm1.add(x_t), b_tm1.mul(0.5).add(b_tm2.mul(0.25)).add(x_t)],
      {
        sequences: x,
        outputsInfo: [a0, { initial: b0, taps: [-1, -2] }],
      },
    );
    return {
      outputs: {
        a: index(a, -7),
        b: index(b, { start: -3, stop: -1 }),
        b6: index(b, { start: -6 }),
      },
    };
  },
  "rnn-gru-small": (make) => {
    const [X, Wzr, Uzr, Wh, Uh] = make.all("X", "Wzr", "Uzr", "Wh", "Uh");
    const H = 3;
    const { outputs: h } = scan(
      (x, h_tm1) => {
        const gates = sigmoid(x.dot(Wzr).add(h_tm1.dot(Uzr)));
        const [z, r] = [index(gates, { stop: H }), index(gates, { start: H })];
        const n = tanh(x.dot(Wh).add(r.mul(h_tm1).dot(Uh)));
        return sub(1, z).mul(h_tm1).add(z.mul(n));
      },
      { sequences: X, outputsInfo: zeros([H], make.float) },
    );
    const cost = mean(sqr(h));
    return { outputs: { cost, h, ...gradients(cost, { X, Wzr, Uzr, Wh, Uh }) } };
  },
  "seqtaps-go-backwards": (make) => {
    const [x, s0] = make.all("x", "s0");
    const { outputs: r } = scan(
      (before, now, after, s) => before.add(now.mul(10)).add(after.mul(100)).add(s),
      {
        sequences: { input: x, taps: [-1, 0, 1] },
        outputsInfo: s0,
        goBackwards: true,
      },
    );
    const cost = sum(sqr(r));
    return { outputs: { cost, r, ...gradients(cost, { x, s0 }) } };
  },
  "seqtaps-past-2-and-0": (make) => {
    const x = make.in("x");
    const { outputs: r } = scan((first, second) => first.add(second.mul(10)), {
      sequences: { input: x, taps: [-2, 0] },
    });
    const cost = sum(sqr(r));
    return { outputs: { cost, r, steps: r.size(0), ...gradients(cost, { x }) } };
  },
  "seqtaps-several-sequences": (make) => {
    const [s1, s2, s3, init1, init3, a1, a2] = make.all(
      "s1",
      "s2",
      "s3",
      "init1",
      "init3",
      "a1",
      "a2",
    );
    const {
      outputs: [o1, o2, o3],
    } = scan(
      (...args: readonly Tensor[]) => {
        const at = (k: number): Tensor => args[k] ?? a1;
        const weighted = args.map((x, k): Tensor => x.mul(1 / 2 ** k)).reduce((x, y) => x.add(y));
        return [weighted, at(0).mul(at(6)), at(7).mul(0.5).add(at(4)).sub(at(3))];
      },
      {
        sequences: [{ input: s1, taps: [-3, 2, -1] }, s2, { input: s3, taps: [3] }],
        outputsInfo: [{ initial: init1, taps: [-3, -5] }, null, init3],
        nonSequences: [a1, a2],
      },
    );
    const cost = sum(sqr(o1))
      .add(sum(o2))
      .add(sum(sqr(o3)));
    return {
      outputs: { cost, o1, o2, o3, ...gradients(cost, { s1, s2, s3, init1, init3, a1, a2 }) },
    };
  },
  "shared-counter-updates-not-passed": (make) => {
    const a = make.shared("a");
    const result = scan(() => stepResult(undefined, { updates: [[a, a.add(1)]] }), { nSteps: 10 });
    const after = result.updates[0]?.[1] ?? a;
    dropUpdates(result);
    return { outputs: { b: a.add(1), c: after.add(1) } };
  },
};
