/** One element of every row: what a cross-entropy reads. */
import { ShapeError } from "../errors/errors.ts";
import { allocate, type DType } from "../graph/dtype.ts";
import { NDArray } from "../graph/ndarray.ts";
import { applyOne, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "./arithmetic.ts";
import { arange, sizeValue } from "./arange.ts";
import { binaryInputs, unaryInput } from "./arity.ts";
import { stretch } from "./broadcast.ts";
import { eq, lt } from "./compare.ts";
import { insertAxes } from "./dimshuffle.ts";
import { checkedPlace, pointersAt, type IntegerIndexParams } from "./integer-index.ts";
import { where } from "./logic.ts";
import { toInteger, type Operand } from "./operand.ts";
import { defineRecord, type OpRecord } from "./record.ts";
import { agree, describeTyped, sizeAt } from "./shape.ts";
import { loopOver } from "./slice.ts";

/** True at the place of each row that its id names. */
function chosen(x: Tensor, ids: Tensor): Tensor {
  const n = sizeAt(x, -1);
  const places = where(lt(ids, 0), add(ids, sizeValue(n)), ids);
  return eq(insertAxes(places, [ids.rank]), arange(n));
}

/** (x [..., N], ids [...]) -> x[..., ids[...]]. */
export const takeAlongLastOp: OpRecord<IntegerIndexParams> = defineRecord<IntegerIndexParams>({
  name: "takeAlongLast",
  infer(inputs) {
    const [x, ids] = binaryInputs(inputs);
    const checks: SizeCheck[] = [];
    const shape = ids.shape.map((_, axis) =>
      agree("takeAlongLast", { tensor: x, axis }, { tensor: ids, axis }, checks),
    );
    return { types: [{ dtype: x.dtype, shape }], checks };
  },
  reference(inputs) {
    const [x, ids] = binaryInputs(inputs);
    const n = x.shape.at(-1) ?? 0;
    const data = allocate(x.dtype, ids.data.length);
    for (const [row, id] of ids.data.entries())
      data[row] = x.data[row * n + checkedPlace(id, n, x.rank - 1)] ?? 0;
    return [new NDArray<DType>(x.dtype, ids.shape, data)];
  },
  vjp(_context, { inputs }, [cotangent]) {
    const [x, ids] = binaryInputs(inputs);
    if (cotangent === undefined) return [];
    return [stretch(where(chosen(x, ids), insertAxes(cotangent, [ids.rank]), 0), x.shape)];
  },
  jvp: (_context, { inputs, params }, [tangent]) => [
    tangent === undefined
      ? undefined
      : applyOne(takeAlongLastOp, [tangent, ...inputs.slice(1)], params),
  ],
  batch(_apply, inputs, batched, length) {
    const [x, ids] = binaryInputs(
      inputs.map((t, i) => (batched[i] === true ? t : stretch(t, [length, ...t.shape]))),
    );
    return [pick(x, ids)];
  },
  lowering: {
    kind: "element",
    element: ({ apply, index, read }) =>
      read(0, [...index, ...pointersAt(apply, 1, read, index).map((p) => p.place)]),
    checks: (context) =>
      loopOver(context, unaryInput(context.apply.outputs).shape, (index) =>
        pointersAt(context.apply, 1, context.read, index).map((p) =>
          context.fail(p.outside, p.failure),
        ),
      ),
  },
  cost: "cheap",
  safeInputs: [undefined, 0],
});

function pick(x: Tensor, ids: Tensor): Tensor {
  return applyOne(takeAlongLastOp, [x, ids], { axes: [x.rank - 1], at: 0 });
}

/** The element of each row that `ids` names: x [..., N] and ids [...] give [...]. @throws ShapeError TAKE_RANK, SHAPE_MISMATCH; DTypeError NOT_INTEGER */
export function takeAlongLast<D extends DType>(x: Tensor<D>, ids: Operand): Tensor<D>;
export function takeAlongLast(x: Tensor, ids: Operand): Tensor {
  const integers = toInteger("takeAlongLast", ids);
  if (integers.rank !== x.rank - 1)
    throw new ShapeError(
      "TAKE_RANK",
      `takeAlongLast: ${describeTyped(x)} needs ids of one axis less, got ${describeTyped(integers)}`,
    );
  return pick(x, integers);
}
