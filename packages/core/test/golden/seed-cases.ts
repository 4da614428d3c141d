/** Builders for the examples of the seed documents: sequences, states, taps, recurrent networks. */
import {
  add,
  arange,
  constant,
  concatenate,
  dot,
  expandDims,
  grad,
  index,
  log,
  logSoftmax,
  mean,
  mul,
  neg,
  pow,
  reverse,
  scan,
  setSubtensor,
  sigmoid,
  softmax,
  sqr,
  sqrt,
  stack,
  sub,
  sum,
  takeAlongLast,
  tanh,
  transpose,
  zeros,
  zerosLike,
  type Tensor,
} from "../../src/index.ts";
import { gradients, type Builder, type Make } from "./golden.ts";

/** The last row. */
export const end = (x: Tensor): Tensor => index(x, -1);

function twoOutputsRnn(truncateGradient: number): Builder {
  return (make) => {
    const [x, yhat] = make.all("x", "yhat");
    const [Wi, Wh, Wo, bh, bo, a0, y0] = ["Wi", "Wh", "Wo", "bh", "bo", "a0", "y0"].map(
      (name): Tensor => make.shared(name),
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
    const {
      outputs: [a, y],
    } = scan(
      (x_t, a_tm1, _y_tm1) => {
        const a_t = sigmoid(x_t.dot(Wi).add(a_tm1.dot(Wh)).add(bh));
        return [a_t, softmax(a_t.dot(Wo).add(bo))];
      },
      { sequences: [x], outputsInfo: [a0, y0], truncateGradient },
    );
    const cost = sum(sqr(y.sub(yhat)));
    return { outputs: { cost, a, y, ...gradients(cost, { Wi, Wh, Wo, bh, bo, x, a0 }) } };
  };
}

/** The notebook's network; Theano's softmax of a vector is a 1 x n matrix, so its cost broadcasts to [T, T, n]. */
function notebookRnn(outputs: (y: Tensor, h: Tensor) => Record<string, Tensor>): Builder {
  return (make) => {
    const [X, Y] = make.all("X", "Y");
    const names = ["W_in", "W_out", "W_rec", "b_out"] as const;
    const params = names.map((name) => make.shared(name));
    const [W_in, W_out, W_rec, b_out] = params as unknown as readonly [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const hidden = W_rec.shape[0]?.constant ?? 0;
    const {
      outputs: [h, p],
    } = scan(
      (x, h_tm1) => {
        const h_t = tanh(dot(x, W_in).add(dot(h_tm1, W_rec)));
        return [h_t, softmax(neg(dot(h_t, W_out).add(b_out)))];
      },
      { sequences: X, outputsInfo: [zeros([hidden], make.float), null] },
    );
    const y = expandDims(p, 1);
    const cost = neg(mean(Y.mul(log(y)).add(sub(1, Y).mul(log(sub(1, y))))));
    const updates = grad(cost, params).map(
      (g, i) => [params[i] ?? make.shared("W_in"), sub(params[i] ?? 0, mul(g, 0.1))] as const,
    );
    return { outputs: { cost, ...outputs(y, h) }, updates };
  };
}

/** Full batch gradient descent on shared variables. */
function descend(
  make: Make,
  cost: Tensor,
  names: readonly string[],
  rate: number,
): Required<ReturnType<Builder>>["updates"] {
  const params = names.map((name) => make.shared(name));
  return grad(cost, params).map(
    (g, i) =>
      [params[i] ?? make.shared(names[0] ?? ""), sub(params[i] ?? 0, mul(g, rate))] as const,
  );
}

export const seedCases: Readonly<Record<string, Builder>> = {
  "seed-batch-masked": (make) => {
    const [X, M, Y, W, U, b, v, c] = make.all("X", "M", "Y", "W", "U", "b", "v", "c");
    const { outputs: h } = scan(
      (x, m, h_tm1) => {
        const keep = expandDims(m, 1);
        return keep.mul(tanh(x.dot(W).add(h_tm1.dot(U)).add(b))).add(sub(1, keep).mul(h_tm1));
      },
      { sequences: [X, M], outputsInfo: zeros([X.size(1), U.size(0)], make.float) },
    );
    const pred = end(h).dot(v).add(c);
    const cost = mean(sqr(pred.sub(Y)));
    return { outputs: { cost, h, pred, ...gradients(cost, { X, W, U, b, v, c }) } };
  },
  "seed-batch-same-length": (make) => {
    const [X, W, U, b] = make.all("X", "W", "U", "b");
    const { outputs: h } = scan((x, h_tm1) => tanh(x.dot(W).add(h_tm1.dot(U)).add(b)), {
      sequences: transpose(X, [1, 0, 2]),
      outputsInfo: zeros([X.size(0), U.size(0)], make.float),
    });
    const H_out = transpose(h, [1, 0, 2]);
    const cost = mean(sqr(H_out));
    return { outputs: { cost, H_out, ...gradients(cost, { X, W, U, b }) } };
  },
  "seed-bidirectional-rnn": (make) => {
    const [x, target, Wf, Uf, Wb, Ub, Wo] = make.all("x", "target", "Wf", "Uf", "Wb", "Ub", "Wo");
    const direction = (W: Tensor, U: Tensor, goBackwards: boolean): Tensor =>
      scan((x_t, h) => tanh(x_t.dot(W).add(h.dot(U))), {
        sequences: x,
        outputsInfo: zeros([U.size(0)], make.float),
        goBackwards,
      }).outputs;
    const raw = direction(Wb, Ub, true);
    const y = sigmoid(concatenate([direction(Wf, Uf, false), reverse(raw)], 1).dot(Wo));
    const cost = sum(sqr(y.sub(target)));
    return {
      outputs: { cost, raw_backward: raw, y, ...gradients(cost, { x, Wf, Uf, Wb, Ub, Wo }) },
    };
  },
  "seed-cumsum-rows": (make) => ({
    outputs: {
      r: scan((row, s) => s.add(row.sum()), { sequences: make.in("a"), outputsInfo: make.in("s0") })
        .outputs,
    },
  }),
  "seed-cumsum-vector": (make) => {
    const [a, s0] = make.all("a", "s0");
    const { outputs: r } = scan((x, s) => s.add(x), { sequences: a, outputsInfo: s0 });
    const cost = sum(sqr(r));
    return { outputs: { cost, r, ...gradients(cost, { a, s0 }) } };
  },
  "seed-linear-taps-nsteps": (make) => {
    const [X, U, V, W, b, n] = make.all("X", "U", "V", "W", "b", "n");
    const { outputs: x } = scan(
      (x_tm2: Tensor, x_tm1: Tensor) =>
        x_tm2
          .dot(U)
          .add(x_tm1.dot(V))
          .add(tanh(x_tm1.dot(W).add(b))),
      {
        outputsInfo: { initial: X, taps: [-2, -1] },
        nSteps: n.cast("int32"),
      },
    );
    const cost = sum(end(x));
    return { outputs: { cost, x, ...gradients(cost, { X, U, V, W, b }) } };
  },
  "seed-logistic-regression-20-steps": (make) => {
    const [X, y] = make.all("X", "y");
    const [W, b] = [make.shared("W"), make.shared("b")];
    const scores = X.dot(W).add(b);
    const cost = neg(mean(takeAlongLast(logSoftmax(scores), y))).add(sum(sqr(W)).mul(0.01));
    return {
      outputs: { cost, predicted: scores.argmax(1) },
      updates: descend(make, cost, ["W", "b"], 0.5),
    };
  },
  "seed-map-plus-one": (make) => ({
    outputs: { r: scan((row) => row.add(1), { sequences: make.in("a") }).outputs },
  }),
  "seed-map-tanh": (make) => {
    const [X, W, b] = make.all("X", "W", "b");
    const { outputs: r } = scan((row) => tanh(row.dot(W).add(b)), { sequences: X });
    const cost = sum(r);
    return { outputs: { cost, r, ...gradients(cost, { X, W, b }) } };
  },
  "seed-mlp-20-steps": (make) => {
    const [X, y] = make.all("X", "y");
    const h = tanh(X.dot(make.shared("W1")).add(make.shared("b1")));
    const scores = h.dot(make.shared("W2")).add(make.shared("b2"));
    const cost = neg(mean(takeAlongLast(logSoftmax(scores), y)));
    return {
      outputs: { cost, p: softmax(scores) },
      updates: descend(make, cost, ["W1", "b1", "W2", "b2"], 0.25),
    };
  },
  "seed-notebook-rnn-7-50-7-10-steps": notebookRnn((y, h) => ({
    y_shape: stack([0, 1, 2].map((axis) => y.size(axis))),
    h_shape: stack([0, 1].map((axis) => h.size(axis))),
    y_first_3: index(y, { stop: 3 }),
    h_last: end(h),
  })),
  "seed-notebook-rnn-small-10-steps": notebookRnn((y, h) => ({
    y_shape: stack([0, 1, 2].map((axis) => y.size(axis))),
    h_shape: stack([0, 1].map((axis) => h.size(axis))),
    y,
    h,
  })),
  "seed-nsteps-shorter-than-sequence": (make) => {
    const [a, s0] = make.all("a", "s0");
    const { outputs: r } = scan((x, s, factor) => factor.mul(s).add(x), {
      sequences: a,
      outputsInfo: constant(0, make.float),
      nonSequences: s0,
      nSteps: 10,
    });
    const cost = index(r, 9);
    return { outputs: { cost, r, ...gradients(cost, { a, s0 }) } };
  },
  "seed-polynomial": (make) => {
    const [c, x] = make.all("c", "x");
    const { outputs: terms } = scan((coefficient, power, at) => coefficient.mul(pow(at, power)), {
      sequences: [c, arange(10000)],
      nonSequences: x,
    });
    const P = sum(terms);
    const dP = grad(P, x);
    return { outputs: { cost: P, terms, P, dP, ddP: grad(dP, x), ...gradients(P, { c }) } };
  },
  "seed-power-symbolic-k": (make) => {
    const [A, k] = make.all("A", "k");
    const { outputs } = scan((result, factor) => result.mul(factor), {
      outputsInfo: zerosLike(A).add(1),
      nonSequences: A,
      nSteps: k.cast("int32"),
    });
    const out = end(outputs);
    const cost = sum(out);
    return { outputs: { cost, out, ...gradients(cost, { A }) } };
  },
  "seed-rnn-two-outputs-bptt-full": twoOutputsRnn(-1),
  "seed-rnn-two-outputs-bptt-truncate-1": twoOutputsRnn(1),
  "seed-rnn-two-outputs-bptt-truncate-3": twoOutputsRnn(3),
  "seed-rnn-two-outputs-bptt-truncate-5": twoOutputsRnn(5),
  "seed-rnn-two-outputs-bptt-truncate-more-than-T": twoOutputsRnn(10),
  "seed-row-norms": (make) => {
    const norms = (X: Tensor): Tensor =>
      scan((row) => sqrt(row.sqr().sum()), { sequences: X }).outputs;
    return { outputs: { rows: norms(make.in("X")), cols: norms(make.in("X").T) } };
  },
  "seed-set-values-at-positions": (make) => {
    const [loc, val, model] = make.all("loc", "val", "model");
    const { outputs: r } = scan(
      (at, value) => setSubtensor(zerosLike(model), [index(at, 0), index(at, 1)], value),
      { sequences: [loc, val] },
    );
    const cost = sum(sqr(r));
    return { outputs: { cost, r, ...gradients(cost, { val }) } };
  },
  "seed-taps-m2-m1-reversed-seq-scalar": (make) => {
    const [Y, P, X, A] = make.all("Y", "P", "X", "A");
    const { outputs: x } = scan((y, p, x_tm2, x_tm1, a) => y.add(p).add(x_tm2).add(x_tm1).add(a), {
      sequences: [Y, reverse(P)],
      outputsInfo: { initial: X, taps: [-2, -1] },
      nonSequences: A,
    });
    const cost = sum(sqr(x));
    return { outputs: { cost, x, ...gradients(cost, { Y, P, X, A }) } };
  },
  "seed-taps-m2-m1-vector": (make) => {
    const [Y, P, X, A] = make.all("Y", "P", "X", "A");
    const { outputs: x } = scan(
      (y, p, x_tm2, x_tm1, a) => y.add(p.mul(0.5).mul(x_tm2)).add(tanh(x_tm1).mul(a)),
      {
        sequences: [Y, reverse(P)],
        outputsInfo: { initial: X, taps: [-2, -1] },
        nonSequences: [A],
      },
    );
    const cost = sum(sqr(x));
    return { outputs: { cost, x, ...gradients(cost, { Y, P, X, A }) } };
  },
  "seed-trace": (make) => {
    const X = make.in("X");
    const n = X.size(0);
    const { outputs } = scan((i, j, s) => index(X, i, j).add(s), {
      sequences: [arange(n), arange(n)],
      outputsInfo: constant(0, make.float),
    });
    const out = end(outputs);
    const cost = sqr(out);
    return { outputs: { cost, out, ...gradients(cost, { X }) } };
  },
  "seed-triangular-int": (make) => ({
    outputs: {
      s: scan((i, s) => add(s, i), {
        sequences: arange(make.in("n").cast("int32")),
        outputsInfo: constant(0, "int32"),
      }).outputs,
    },
  }),
  "seed-two-sequences-one-reversed": (make) => {
    const [X, W, Y, U, P, V] = make.all("X", "W", "Y", "U", "P", "V");
    const { outputs: x } = scan((y, p, x_tm1) => tanh(x_tm1.dot(W).add(y.dot(U)).add(p.dot(V))), {
      sequences: [Y, index(P, { step: -1 })],
      outputsInfo: X,
    });
    const cost = sum(x);
    return { outputs: { cost, x, ...gradients(cost, { X, W, Y, U, P, V }) } };
  },
  "seed-vanilla-rnn-nll": (make) => {
    const [x, labels, W, U, V, b, c] = make.all("x", "labels", "W", "U", "V", "b", "c");
    const { o } = scan({
      sequences: { x },
      init: { s: zeros([W.size(0)], make.float) },
      step: ({ x, s }) => {
        const next = tanh(b.add(dot(W, s)).add(dot(U, x)));
        return { s: next, o: c.add(dot(V, next)) };
      },
    }).outputs;
    const p = softmax(o);
    const cost = neg(mean(log(index(p, arange(x.size(0)), labels))));
    return { outputs: { cost, p, ...gradients(cost, { x, W, U, V, b, c }) } };
  },
};
