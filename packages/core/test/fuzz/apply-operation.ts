/** One operation of a random program, applied to picked tensors. */
import {
  abs,
  add,
  and,
  any,
  all,
  arange,
  argmax,
  argmin,
  broadcastTo,
  cast,
  concatenate,
  constant,
  div,
  dot,
  exp,
  expandDims,
  flatten,
  floorDiv,
  full,
  grad,
  incSubtensor,
  index,
  jvp,
  log,
  logSoftmax,
  logSumExp,
  lt,
  matmul,
  max,
  maximum,
  min,
  minimum,
  mod,
  moveAxis,
  mul,
  neg,
  oneHot,
  or,
  prod,
  relu,
  reshape,
  reverse,
  setSubtensor,
  sigmoid,
  sin,
  softmax,
  softplus,
  split,
  sqr,
  sqrt,
  squeeze,
  stack,
  sub,
  sum,
  take,
  tanh,
  transpose,
  where,
  xor,
  type DType,
  type Slice,
  type Tensor,
} from "../../src/index.ts";
import type { Operation } from "./instructions.ts";
import { asMatrix, bounded, fail, isSame, rowNumbers, type Pool } from "./pool.ts";

const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";

/** An axis of `x`; undefined for a scalar. */
function axisOf(x: Tensor, n: number): number | undefined {
  return x.rank === 0 ? undefined : n % x.rank;
}

/** Axes of known size, which are never empty. */
function fixedAxes(x: Tensor): number[] {
  return x.shape.flatMap((size, axis) => ((size.constant ?? 0) > 0 ? [axis] : []));
}

const slices: readonly Slice[] = [
  { start: 1 },
  { stop: -1 },
  { step: 2 },
  { step: -1 },
  { start: 1, step: 2 },
  { start: -2 },
  { stop: 2 },
  { start: -1, stop: -4, step: -2 },
  { start: 1, stop: 1 },
];

/** Ops whose results are elements of their first operand: exact if it is. */
const movers = new Set<Operation["kind"]>([
  "neg",
  "abs",
  "transpose",
  "reshape",
  "axis",
  "reverse",
  "slice",
  "rows",
  "broadcast",
  "split",
  "take",
]);

/** The result; undefined where the operation has no meaning for what was picked. */
export function applyOperation(pool: Pool, operation: Operation): Tensor | undefined {
  const made = rules[operation.kind](pool, operation);
  const first = pool.pick(operation.a);
  if (made !== undefined && movers.has(operation.kind) && pool.isExact(first)) pool.markExact(made);
  return made;
}

type RuleOf = (pool: Pool, operation: Operation) => Tensor | undefined;

const unary =
  (f: (x: Tensor) => Tensor): RuleOf =>
  (pool, { a }) =>
    f(pool.pickFloat(a));

/** Of two tensors, the second made to broadcast. */
const binary =
  (f: (x: Tensor, y: Tensor) => Tensor): RuleOf =>
  (pool, { a, b, n }) => {
    const [x, y] = [pool.pick(a), pool.pick(b)];
    const other = n % 4 === 0 ? constant(0.25 * n - 1, "float32") : pool.align(y, x.shape);
    return n % 2 === 0 ? f(x, other) : f(other, x);
  };

const exactBinary =
  (f: (x: Tensor, y: Tensor) => Tensor): RuleOf =>
  (pool, { a, b, n }) => {
    const [x, y] = [pool.pickExact(a), pool.pickExact(b)];
    const other = y.rank <= x.rank && isSame(y.shape, x.shape) ? y : constant(0.3 * n - 1.7);
    return f(x, other);
  };

const integer = (pool: Pool, n: number): Tensor => pool.pick(n, (x) => x.dtype === "int32");

const rules: Record<Operation["kind"], RuleOf> = {
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  exp: unary((x) => exp(bounded(x))),
  sin: unary((x) => sin(mul(bounded(x), 3))),
  neg: (pool, { a }) => {
    const x = pool.pick(a);
    return x.dtype === "bool" ? undefined : neg(x);
  },
  abs: (pool, { a }) => {
    const x = pool.pick(a);
    return x.dtype === "bool" ? undefined : abs(pool.isExact(x) ? x : bounded(x).add(2));
  },
  sqr: unary((x) => sqr(bounded(x))),
  sqrt: unary((x) => sqrt(sqr(x).add(1))),
  log: unary((x) => log(sqr(bounded(x)).add(1))),
  relu: (pool, { a }) => relu(pool.pick(a, (x) => pool.isExact(x) && isFloat(x.dtype))),
  softplus: unary(softplus),
  logSigmoid: unary((x) => log(sigmoid(x))),
  add: binary(add),
  sub: binary((x, y) =>
    sub(x.dtype === "bool" ? cast(x, "int32") : x, y.dtype === "bool" ? cast(y, "int32") : y),
  ),
  mul: binary((x, y) => mul(x, isFloat(y.dtype) ? bounded(y) : y)),
  div: binary((x, y) => div(x, isFloat(y.dtype) ? sqr(y).add(1) : abs(cast(y, "int32")).add(1))),
  maximum: exactBinary(maximum),
  minimum: exactBinary(minimum),
  where: (pool, { a, b, n }) => {
    const [x, y] = [pool.pick(a), pool.pick(b)];
    const cond = pool.pick(n, (z) => z.dtype === "bool");
    return where(pool.align(cond, x.shape), x, pool.align(y, x.shape));
  },
  compare: exactBinary(lt),
  integer: (pool, { a, b, n }) => {
    const x = integer(pool, a);
    const other = integer(pool, b);
    const y = n < 4 ? constant(n - 2, "int32") : pool.align(other, x.shape);
    return [add, mul, floorDiv, mod, sub][n % 5]?.(x, y);
  },
  logic: (pool, { a, b, n }) => {
    const x = pool.pick(a, (z) => z.dtype === "bool");
    const y = pool.align(
      pool.pick(b, (z) => z.dtype === "bool"),
      x.shape,
    );
    return [and, or, xor][n % 3]?.(x, y);
  },
  cast: (pool, { a, n }) => {
    const dtypes = ["float64", "float32", "int32", "bool"] as const;
    return pool.convert(pool.pick(a), dtypes[n % 4] ?? "float32");
  },
  sum: (pool, { a, n }) => {
    const x = pool.pick(a);
    const axis = n % 4 === 0 ? undefined : axisOf(x, n);
    return sum(x, axis, { keepdims: n % 3 === 0 });
  },
  prod: (pool, { a, n }) => {
    const x = bounded(pool.pickFloat(a));
    return prod(x, axisOf(x, n), { keepdims: n % 2 === 0 });
  },
  max: (pool, { a, n }) => {
    const x = pool.pickExact(a);
    const axes = fixedAxes(x);
    const axis = axes[n % axes.length];
    if (axis === undefined) return undefined;
    return n % 2 === 0 ? max(x, axis, { keepdims: n % 3 === 0 }) : min(x, axis);
  },
  any: (pool, { a, n }) => {
    const x = pool.pick(a, (z) => z.dtype === "bool");
    return n % 2 === 0 ? any(x, axisOf(x, n)) : all(x, axisOf(x, n));
  },
  dot: (pool, { a, b, n }) => {
    const [x, y] = [pool.pickFloat(a), pool.pickFloat(b)];
    if (x.rank === 0 || y.rank === 0) return undefined;
    const inner = x.shape.at(-1) ?? fail();
    const at = Math.max(0, y.rank - 2);
    const fits = y.shape[at]?.key === inner.key;
    const right = fits
      ? y
      : pool.fit(y, n % 2 === 0 ? [inner] : [inner, ...y.shape.slice(-1)], x.dtype);
    return dot(x, bounded(right));
  },
  matmul: (pool, { a, b, n }) => {
    const [x, y] = [asMatrix(pool.pickFloat(a)), asMatrix(pool.pickFloat(b))];
    const left = n % 2 === 0 ? x : transpose(x);
    const right = n % 3 === 0 ? y : transpose(y);
    const inner = left.shape[1] ?? fail();
    const fitted =
      right.shape[0]?.key === inner.key
        ? right
        : pool.fit(right, [inner, ...right.shape.slice(1)], right.dtype);
    if (n < 12) return matmul(left, bounded(fitted));
    const wide = (z: Tensor): Tensor => stack([z, mul(z, 0.5)]);
    return matmul(wide(left), bounded(wide(fitted)));
  },
  residual: (pool, { a, b, n }) => {
    const x = pool.pickFloat(a);
    const inner = x.shape.at(-1);
    if (inner === undefined || x.rank < 2) return undefined;
    const square = bounded(pool.fit(pool.pickFloat(b), [inner, inner], x.dtype));
    return n % 2 === 0 ? x.dot(square).add(x) : x.add(x.dot(square));
  },
  transpose: (pool, { a, n }) => {
    const x = pool.pick(a);
    return x.rank < 2 ? undefined : n % 2 === 0 ? transpose(x) : moveAxis(x, 0, n % x.rank);
  },
  reshape: (pool, { a, n }) => {
    const x = pool.pick(a);
    if (x.rank === 0) return reshape(x, [1, 1]);
    if (n % 3 === 0) return flatten(x);
    if (n % 3 === 1) return reshape(transpose(x), [...x.shape.slice(1), x.shape[0] ?? 1]);
    return x.rank === 1
      ? reshape(x, [1, x.shape[0] ?? 1, 1])
      : reshape(x, [-1, ...x.shape.slice(2)]);
  },
  axis: (pool, { a, n }) => {
    const x = pool.pick(a);
    return n % 2 === 0 ? squeeze(x) : expandDims(x, n % (x.rank + 1));
  },
  reverse: (pool, { a, n }) => {
    const x = pool.pick(a);
    return x.rank === 0 ? undefined : reverse(x, n % x.rank);
  },
  slice: (pool, { a, b, n }) => {
    const x = pool.pick(a);
    const entries = x.shape.map((_, axis) =>
      axis === b % x.rank ? (slices[n % slices.length] ?? {}) : {},
    );
    return index(x, ...entries);
  },
  rows: (pool, { a, n }) => {
    const x = pool.pick(a);
    const [axis] = fixedAxes(x);
    if (axis === undefined) return undefined;
    const size = x.shape[axis]?.constant ?? 1;
    return index(x, ...x.shape.map((_, k) => (k === axis ? (n % (2 * size)) - size : {})));
  },
  broadcast: (pool, { a, n }) => {
    const x = pool.pick(a);
    return broadcastTo(x, [n % 4, ...x.shape]);
  },
  concatenate: (pool, { a, b, n }) => {
    const [x, y] = [pool.pick(a), pool.pick(b)];
    const axis = axisOf(x, n);
    if (axis === undefined) return undefined;
    const other = pool.fit(y, n % 2 === 0 ? x.shape : x.shape.with(axis, sizeOfConstant(x, n)));
    return concatenate(n % 3 === 0 ? [x, other, x] : [x, other], axis);
  },
  split: (pool, { a, n }) => {
    const x = pool.pick(a);
    const axis = fixedAxes(x).find((k) => (x.shape[k]?.constant ?? 0) > 1);
    if (axis === undefined) return undefined;
    const size = x.shape[axis]?.constant ?? 0;
    return split(x, [1, size - 1], axis)[n % 2];
  },
  stack: (pool, { a, b, n }) => {
    const [x, y] = [pool.pick(a), pool.pick(b)];
    return stack([x, pool.fit(y, x.shape, x.dtype)], n % (x.rank + 1));
  },
  take: (pool, { a, b, n }) => {
    const x = pool.pick(a);
    const axes = fixedAxes(x);
    const axis = axes[n % axes.length];
    if (axis === undefined || x.rank > 3) return undefined;
    return take(x, pool.placesIn(b, x.shape[axis]?.constant ?? 1), axis);
  },
  set: (pool, { a, b, n }) => intoSlice(pool, a, b, n, setSubtensor),
  increment: (pool, { a, b, n }) => intoSlice(pool, a, b, n, incSubtensor),
  scatter: (pool, { a, b, n }) => {
    const x = pool.pick(a);
    const size = x.shape[0]?.constant ?? 0;
    if (size === 0 || x.rank > 3) return undefined;
    const ids = pool.placesIn(n, size);
    const values = pool.fit(pool.pick(b), [...ids.shape, ...x.shape.slice(1)], x.dtype);
    return (n % 2 === 0 ? incSubtensor : setSubtensor)(x, [ids], values);
  },
  ontoItself: (pool, { a, b, n }) => {
    const x = pool.pick(a);
    if (x.rank === 0 || x.dtype === "bool") return undefined;
    const entries = [...x.shape.slice(0, b % x.rank).map(() => ({})), { step: -1 }];
    return (n % 2 === 0 ? setSubtensor : incSubtensor)(x, entries, x);
  },
  softmax: overAxis(softmax),
  logSoftmax: overAxis(logSoftmax),
  logSumExp: overAxis((x, axis) => logSumExp(x, axis)),
  argmax: (pool, { a, n }) => {
    const x = pool.pickExact(a);
    const axes = fixedAxes(x);
    const axis = axes[n % axes.length];
    if (axis === undefined) return undefined;
    return n % 2 === 0 ? argmax(x, axis) : argmin(x, axis, { keepdims: true });
  },
  arange: (pool, { a, n }) => {
    const x = pool.pick(a);
    if (x.rank === 0) return undefined;
    return n % 2 === 0 ? rowNumbers(x) : oneHot(mod(rowNumbers(x), 3), 3);
  },
  constant: (pool, { a, n }) => {
    if (n % 2 === 0) return full(pool.pick(a).shape, n - 3.5, pool.pickFloat(a).dtype);
    return n % 3 === 0
      ? constant([1, -2, 3], "int32")
      : constant([[0.5], [-0.25]], pool.pickFloat(a).dtype);
  },
  gradient: (pool, { a, b, n }) => {
    const cost = pool.pickFloat(a);
    const wrt = pool.pickFloat(b);
    const total = n % 2 === 0 ? sum(sqr(bounded(cost))) : sum(bounded(cost));
    return grad(total, wrt, { disconnectedInputs: "ignore" });
  },
  pushforward: (pool, { a, b }) => {
    const wrt = pool.pickFloat(b);
    return jvp(bounded(pool.pickFloat(a)), wrt, sin(wrt));
  },
};

function sizeOfConstant(x: Tensor, n: number): Tensor["shape"][number] {
  return arange(n % 3).shape[0] ?? x.shape[0] ?? fail();
}

function overAxis(f: (x: Tensor, axis: number) => Tensor): RuleOf {
  return (pool, { a, n }) => {
    const x = pool.pickFloat(a);
    const axes = fixedAxes(x);
    const axis = axes[n % axes.length];
    return axis === undefined ? undefined : f(x, axis);
  };
}

function intoSlice(
  pool: Pool,
  a: number,
  b: number,
  n: number,
  write: typeof setSubtensor,
): Tensor | undefined {
  const x = pool.pick(a);
  if (x.rank === 0 || x.dtype === "bool") return undefined;
  const entries = [
    ...x.shape.slice(0, b % x.rank).map(() => ({})),
    slices[n % slices.length] ?? {},
  ];
  const part = index(x, ...entries);
  return write(x, entries, pool.align(pool.convert(pool.pick(b), x.dtype), part.shape));
}
