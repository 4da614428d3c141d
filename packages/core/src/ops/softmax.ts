/** softmax and its logarithm over an axis: stable, each row in one kernel. */
import { ShapeError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { generate } from "../graph/ndarray.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary, readVar, scalarVar, unary } from "../loop-ir/build.ts";
import { indexOf, indexVar } from "../loop-ir/index-expr.ts";
import type { Expr, Index, IndexVar, ReduceOp, Statement } from "../loop-ir/types.ts";
import { add, sub } from "./arithmetic.ts";
import { unaryInput } from "./arity.ts";
import { max } from "./axes.ts";
import { sum } from "./broadcast.ts";
import { moveAxis, squeeze } from "./dimshuffle.ts";
import { mulTensors } from "./elementwise.ts";
import { toFloat, type FloatOf, type Operand } from "./operand.ts";
import { defineRecord, scalarTypeOf, type KernelContext, type OpRecord } from "./record.ts";
import { logSoftmaxRow, softmaxRow } from "./reference/rows.ts";
import { keepsDims, type ReduceOptions } from "./reduce.ts";
import { describeTyped, normalizeAxis, sizeAt } from "./shape.ts";
import { loopOver } from "./slice.ts";
import { stopGradient } from "./gradient-walls.ts";
import { exp, log } from "./transcendental.ts";

/** What a kernel over one row may say: its elements, folds over it, writing it. */
interface Row {
  readonly x: (v: IndexVar) => Expr;
  readonly y: (v: IndexVar) => Expr;
  readonly fold: (
    op: ReduceOp,
    value: (v: IndexVar) => Expr,
  ) => readonly [declare: Statement, result: Expr];
  readonly write: (value: (v: IndexVar) => Expr) => Statement;
}

function rowKernel(
  context: KernelContext<null>,
  body: (row: Row) => readonly Statement[],
): readonly Statement[] {
  const x = unaryInput(context.apply.inputs);
  const n = sizeAt(x, -1);
  const type = scalarTypeOf[x.dtype];
  return loopOver(context, x.shape.slice(0, -1), (lead: readonly Index[]) => {
    const at = (v: IndexVar): Index[] => [...lead, indexOf(v)];
    return body({
      x: (v) => context.read(0, at(v)),
      y: (v) => context.readOutput(0, at(v)),
      fold(op, value) {
        const [result, index] = [scalarVar(op, type), indexVar("k")];
        return [
          {
            kind: "reduce",
            var: result,
            index,
            extent: n,
            op,
            order: "lanes",
            value: value(index),
          },
          readVar(result),
        ];
      },
      write: (value) => context.loop("k", n, true, (v) => [context.write(0, at(v), value(v))]),
    });
  });
}

function rowOp(
  name: string,
  reference: (row: readonly number[]) => number[],
  weigh: (t: Tensor, y: Tensor) => Tensor,
  pull: (t: Tensor, y: Tensor) => Tensor,
  kernel: (row: Row) => readonly Statement[],
): OpRecord<null> {
  const record: OpRecord<null> = defineRecord<null>({
    name,
    infer: (inputs) => ({ types: [unaryInput(inputs).type] }),
    reference(inputs) {
      const x = unaryInput(inputs);
      const n = x.shape.at(-1) ?? 1;
      const rows = Array.from({ length: n === 0 ? 0 : x.data.length / n }, (_, row) =>
        reference([...x.data.subarray(row * n, (row + 1) * n)]),
      ).flat();
      return [generate(x.dtype, x.shape, (i) => rows[i] ?? 0)];
    },
    vjp: (_context, { outputs }, [cotangent]) => [
      cotangent === undefined ? undefined : pull(cotangent, unaryInput(outputs)),
    ],
    jvp: (_context, { outputs }, [tangent]) => [
      tangent === undefined ? undefined : weigh(tangent, unaryInput(outputs)),
    ],
    batch: (_apply, inputs) => [applyOne(record, inputs, null)],
    lowering: { kind: "kernel", kernel: (context) => rowKernel(context, kernel) },
    cost: "transcendental",
  });
  return record;
}

const overLast = (x: Tensor): Tensor => sum(x, -1, { keepdims: true });

/** y (t - sum(y t)): the Jacobian of softmax is symmetric. */
function softmaxDerivative(t: Tensor, y: Tensor): Tensor {
  return mulTensors(y, sub(t, overLast(mulTensors(y, t))));
}

export const softmaxOp = rowOp(
  "softmax",
  softmaxRow,
  softmaxDerivative,
  softmaxDerivative,
  (row) => {
    const [declareTop, top] = row.fold("max", row.x);
    const [declareTotal, total] = row.fold("add", row.y);
    return [
      declareTop,
      row.write((v) => unary("exp", binary("sub", row.x(v), top))),
      declareTotal,
      row.write((v) => binary("div", row.y(v), total)),
    ];
  },
);

export const logSoftmaxOp = rowOp(
  "logSoftmax",
  logSoftmaxRow,
  (t, y) => sub(t, overLast(mulTensors(exp(y), t))),
  (t, y) => sub(t, mulTensors(exp(y), overLast(t))),
  (row) => {
    const [declareTop, top] = row.fold("max", row.x);
    const shifted = (v: IndexVar): Expr => binary("sub", row.x(v), top);
    const [declareTotal, total] = row.fold("add", (v) => unary("exp", shifted(v)));
    return [
      declareTop,
      declareTotal,
      row.write((v) => binary("sub", shifted(v), unary("log", total))),
    ];
  },
);

function overAxis(op: OpRecord<null>, x: Operand, axis: number): Tensor {
  const floating = toFloat(x);
  if (floating.rank === 0)
    throw new ShapeError(
      "SOFTMAX_SCALAR",
      `${op.name} needs an axis: ${describeTyped(floating)} is a scalar`,
    );
  const place = normalizeAxis(op.name, axis, floating);
  return moveAxis(applyOne(op, [moveAxis(floating, place, -1)], null), -1, place);
}

/** e^x divided by its sum over `axis` (default: the last); the softmax of a vector is a vector. @throws IndexError AXIS; ShapeError SOFTMAX_SCALAR */
export function softmax<D extends DType>(x: Tensor<D>, axis?: number): Tensor<FloatOf<D>>;
export function softmax(x: Tensor, axis = -1): Tensor {
  return overAxis(softmaxOp, x, axis);
}

/** The logarithm of softmax, exact where softmax would be 0. @throws IndexError AXIS; ShapeError SOFTMAX_SCALAR */
export function logSoftmax<D extends DType>(x: Tensor<D>, axis?: number): Tensor<FloatOf<D>>;
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return overAxis(logSoftmaxOp, x, axis);
}

/** log(sum(exp(x))) over `axis` (default: the last), without overflow. @throws IndexError AXIS; ArgumentError REDUCE_OPTION */
export function logSumExp<D extends DType>(
  x: Tensor<D>,
  axis?: number,
  options?: ReduceOptions,
): Tensor<FloatOf<D>>;
export function logSumExp(x: Tensor, axis = -1, options: ReduceOptions = {}): Tensor {
  const keepdims = keepsDims("logSumExp", options);
  const floating = toFloat(x);
  const top = stopGradient(max(floating, axis, { keepdims: true }));
  const result = add(log(sum(exp(sub(floating, top)), axis, { keepdims: true })), top);
  return keepdims ? result : squeeze(result, axis);
}
