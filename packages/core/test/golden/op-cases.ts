/** Builders for operations, without a scan. */
import {
  abs,
  and,
  clip,
  cos,
  cosh,
  elu,
  erf,
  eq,
  exp,
  exp2,
  expandDims,
  expm1,
  ge,
  grad,
  hardSigmoid,
  incSubtensor,
  le,
  leakyRelu,
  log,
  log10,
  log1p,
  log2,
  logSoftmax,
  lt,
  mean,
  ne,
  neg,
  not,
  reciprocal,
  relu,
  setSubtensor,
  sigmoid,
  sign,
  sin,
  sinh,
  softmax,
  softplus,
  sqr,
  sqrt,
  sum,
  tan,
  tanh,
  where,
  type Tensor,
} from "../../src/index.ts";
import { gradients, sumOfSquares, type Builder } from "./golden.ts";

/** Cases of which only some outputs can be built; the others need functions of a later version. */
export const partialCases: ReadonlySet<string> = new Set(["unary-elementwise"]);

export const opCases: Readonly<Record<string, Builder>> = {
  activations: (make) => {
    const x = make.in("x");
    const found = {
      relu: relu(x),
      leaky: leakyRelu(x, 0.25),
      elu: elu(x),
      hard: hardSigmoid(x),
      softplus: softplus(x),
    };
    const slopes = Object.entries(found).map(([name, y]) => [`g_${name}`, grad(sum(y), x)]);
    return {
      outputs: { sigmoid: sigmoid(x), tanh: tanh(x), ...found, ...Object.fromEntries(slopes) },
    };
  },
  "batch-normalisation-by-hand": (make) => {
    const [x, g, b] = make.all("x", "g", "b");
    const centred = x.sub(mean(x, 0));
    const y = g
      .mul(centred)
      .div(sqrt(mean(sqr(centred), 0).add(0.0625)))
      .add(b);
    const cost = sum(y.mul(y).mul(y));
    return { outputs: { cost, y, ...gradients(cost, { x, g, b }) } };
  },
  "comparisons-bitwise-switch": (make) => {
    const [a, b] = make.all("a", "b");
    const s = where(lt(a, b), a.mul(a), b.mul(3));
    const cost = sum(s);
    const close = le(abs(a.sub(b)), abs(b).mul(1e-5).add(1e-8));
    const outputs = {
      cost,
      lt: lt(a, b),
      le: le(a, b),
      eq: eq(a, b),
      neq: ne(a, b),
      ge: ge(a, b),
      and: and(lt(a, b), eq(a, 1)),
      inv: not(lt(a, b)),
      s,
      isclose: close,
    };
    return { outputs: { ...outputs, clip: clip(a, 1.5, 2.5), ...gradients(cost, { a, b }) } };
  },
  "set-inc-subtensor": (make) => {
    const [X, y, R, v] = make.all("X", "y", "R", "v");
    const a = setSubtensor(X, [{ start: 1 }], y);
    const b = incSubtensor(X, ["...", 0], 2);
    const c = incSubtensor(X, [[0, 0, 1]], R);
    const e = incSubtensor(X, [1], v);
    const cost = sum(a.mul(a).mul(a)).add(sumOfSquares(b, c, e));
    return { outputs: { cost, a, b, c, e, ...gradients(cost, { X, y, R, v }) } };
  },
  "softmax-matrix-vector": (make) => {
    const [x, v] = make.all("x", "v");
    const [p, r, l] = [softmax(x), expandDims(softmax(v), 0), logSoftmax(x)];
    const cost = sumOfSquares(p, r).add(sum(l).mul(0.5));
    return { outputs: { cost, p, r, l, ...gradients(cost, { x, v }) } };
  },
  "substitution-clone": (make) => {
    const x = make.in("x");
    const square = (at: Tensor): Tensor => sum(sqr(at.add(1)));
    const cost = square(x.add(0.125));
    return {
      outputs: { cost, y: square(x), y1: cost, z1: x.mul(x).add(x), ...gradients(cost, { x }) },
    };
  },
  "unary-elementwise": (make) => {
    const x = make.in("x");
    const names: Readonly<Record<string, ((x: Tensor) => Tensor) | undefined>> = {
      exp,
      log,
      sqrt,
      sqr,
      abs,
      sgn: sign,
      neg,
      inv: reciprocal,
      sin,
      cos,
      tan,
      arcsin: undefined,
      arccos: undefined,
      arctan: undefined,
      sinh,
      cosh,
    };
    const more: typeof names = {
      arcsinh: undefined,
      arctanh: undefined,
      log2,
      log10,
      log1p,
      expm1,
      exp2,
      erf,
    };
    const outputs = Object.entries({ ...names, ...more }).flatMap(
      ([name, f], i): [string, Tensor][] =>
        f === undefined ? [] : [[`f${String(i).padStart(2, "0")} ${name}`, f(x)]],
    );
    return { outputs: Object.fromEntries(outputs) };
  },
};
