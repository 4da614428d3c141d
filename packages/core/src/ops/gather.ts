/** Reading at integer tensors, and its opposite: adding or writing at them. Each is made of the others' derivatives. */
import { allocate, type DType } from "../graph/dtype.ts";
import { elementCount, NDArray, rowMajorStrides } from "../graph/ndarray.ts";
import { applyOne, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary, ifStatement, unary } from "../loop-ir/build.ts";
import type { Index, Statement } from "../loop-ir/types.ts";
import type { Size } from "../size/size.ts";
import { arange } from "./arange.ts";
import { binaryInputs, inputAt, unaryInput } from "./arity.ts";
import { stretch } from "./broadcast.ts";
import { eq } from "./compare.ts";
import { zeros, zerosLike } from "./constant.ts";
import { insertAxes, moveAxes } from "./dimshuffle.ts";
import {
  baseLayout,
  checkedPlace,
  idsPart,
  pointersAt,
  valuesLayout,
  type IntegerIndexParams,
} from "./integer-index.ts";
import { where } from "./logic.ts";
import { defineRecord, type OpRecord } from "./record.ts";
import { copyOf, walkStrided } from "./reference/strided.ts";
import { toExactShape } from "./reshape.ts";
import { shapeSize, sizeAt } from "./shape.ts";
import { loopOver } from "./slice.ts";

/** For each value in row-major order: its number and the place in the base that it comes from or goes to. */
function walkPlaces(
  base: NDArray,
  ids: readonly NDArray[],
  params: IntegerIndexParams,
  visit: (value: number, place: number) => void,
): number[] {
  const idsShape = unaryInput(ids).shape;
  const shape = valuesLayout(base.shape, idsShape, params);
  const strides = rowMajorStrides(base.shape);
  const kept = valuesLayout(
    strides,
    idsShape.map(() => 0),
    params,
  );
  const inIds = valuesLayout(
    strides.map(() => 0),
    rowMajorStrides(idsShape),
    params,
  );
  walkStrided(shape, [kept, inIds], (value, [offset = 0, at = 0]) => {
    const places = params.axes.map(
      (axis, k) =>
        checkedPlace(ids[k]?.data[at] ?? 0, base.shape[axis] ?? 0, axis) * (strides[axis] ?? 0),
    );
    visit(
      value,
      places.reduce((a, b) => a + b, offset),
    );
  });
  return shape;
}

const safeIds = [undefined, 0, 0, 0, 0, 0, 0, 0, 0] as const;

/** (base, ...ids) -> the base's elements at the ids. */
export const gatherOp: OpRecord<IntegerIndexParams> = defineRecord<IntegerIndexParams>({
  name: "gather",
  infer(inputs, params) {
    const [base, ids] = binaryInputs(inputs);
    return { types: [{ dtype: base.dtype, shape: valuesLayout(base.shape, ids.shape, params) }] };
  },
  reference(inputs, params) {
    const base = unaryInput(inputs);
    const ids = inputs.slice(1);
    const shape = valuesLayout(base.shape, unaryInput(ids).shape, params);
    const data = allocate(base.dtype, elementCount(shape));
    walkPlaces(base, ids, params, (value, place) => {
      data[value] = base.data[place] ?? 0;
    });
    return [new NDArray<DType>(base.dtype, shape, data)];
  },
  vjp: (_context, { inputs, params }, [cotangent]) => [
    cotangent === undefined
      ? undefined
      : applyOne(
          scatterAddOp,
          [zerosLike(unaryInput(inputs)), cotangent, ...inputs.slice(1)],
          params,
        ),
  ],
  jvp: (_context, { inputs, params }, [tangent]) => [
    tangent === undefined ? undefined : gather(tangent, inputs.slice(1), params),
  ],
  batch({ inputs, params }, now, batched, length) {
    const [x, ids] = [unaryInput(now), now.slice(1)];
    const idsRank = inputAt(inputs, 1).rank;
    if (!batched.slice(1).includes(true)) return [gather(x, ids, overBatch(params))];
    const wide = batchedIds(ids, batched.slice(1), length);
    if (batched[0] !== true) return [moveAxes(gather(x, wide, params), params.at, 0, 1)];
    const all = gather(x, [batchNumbers(unaryInput(wide)), ...wide], {
      axes: [0, ...overBatch(params).axes],
      at: 0,
    });
    return [moveAxes(all, 1, params.at + 1, idsRank)];
  },
  lowering: {
    kind: "element",
    element({ apply, index, read }) {
      const rank = inputAt(apply.inputs, 1).rank;
      const pointers = pointersAt(apply, 1, read, idsPart(index, rank, apply.params));
      return read(
        0,
        baseLayout(
          index,
          rank,
          pointers.map((p) => p.place),
          apply.params,
          unaryInput(apply.inputs).rank,
        ),
      );
    },
    checks: (context) =>
      loopOver(context, inputAt(context.apply.inputs, 1).shape, (index) =>
        pointersAt(context.apply, 1, context.read, index).map((p) =>
          context.fail(p.outside, p.failure),
        ),
      ),
  },
  cost: "cheap",
  safeInputs: safeIds,
});

/** The base's elements at `ids`; see `IntegerIndexParams`. */
export function gather(base: Tensor, ids: readonly Tensor[], params: IntegerIndexParams): Tensor {
  return applyOne(gatherOp, [base, ...ids], params);
}

/** The same ids for a base with a leading batch axis. */
function overBatch({ axes, at }: IntegerIndexParams): IntegerIndexParams {
  return { axes: axes.map((axis) => axis + 1), at: at + 1 };
}

function batchedIds(ids: readonly Tensor[], batched: readonly boolean[], length: Size): Tensor[] {
  return ids.map((x, k) => (batched[k] === true ? x : stretch(x, [length, ...x.shape])));
}

/** The number of the batch row, in the shape of `ids`. */
function batchNumbers(ids: Tensor): Tensor {
  const rest = Array.from({ length: ids.rank - 1 }, (_, axis) => axis + 1);
  return stretch(insertAxes(arange(sizeAt(ids, 0)), rest), ids.shape);
}

function scatter(name: string, mode: "add" | "set"): OpRecord<IntegerIndexParams> {
  const record: OpRecord<IntegerIndexParams> = defineRecord<IntegerIndexParams>({
    name,
    infer(inputs, params) {
      const [base, values] = binaryInputs(inputs);
      const shape = valuesLayout(base.shape, inputAt(inputs, 2).shape, params);
      const checks = shape.flatMap((size, axis): SizeCheck[] => {
        const given = sizeAt(values, axis);
        return given.equals(size)
          ? []
          : [
              {
                x: given,
                relation: "equal",
                y: size,
                message: `${name}: axis ${axis} of the values must have the size of what is indexed`,
              },
            ];
      });
      return { types: [base.type], checks };
    },
    reference(inputs, params) {
      const [base, values] = binaryInputs(inputs);
      const result = copyOf(base);
      walkPlaces(base, inputs.slice(2), params, (value, place) => {
        const added = values.data[value] ?? 0;
        result.data[place] = mode === "set" ? added : (result.data[place] ?? 0) + added;
      });
      return [result];
    },
    vjp(_context, { inputs, params }, [cotangent], wanted) {
      if (cotangent === undefined) return [];
      const [, values] = binaryInputs(inputs);
      const ids = inputs.slice(2);
      const toValues = (): Tensor => {
        const read = toExactShape(gather(cotangent, ids, params), values.shape);
        return mode === "add" || unaryInput(ids).rank === 0
          ? read
          : where(lastWriters(inputs, params), read, 0);
      };
      const toBase = (): Tensor =>
        mode === "add"
          ? cotangent
          : applyOne(record, [cotangent, zerosLike(values), ...ids], params);
      return [
        wanted[0] === true ? toBase() : undefined,
        wanted[1] === true ? toValues() : undefined,
      ];
    },
    jvp(_context, { inputs, params }, tangents) {
      const pair = binaryInputs(inputs).map((x, i) => tangents[i] ?? zerosLike(x));
      return [applyOne(record, [...pair, ...inputs.slice(2)], params)];
    },
    batch({ inputs, params }, now, batched, length) {
      const [base, values] = binaryInputs(
        now.map((x, i) => (batched[i] === true ? x : stretch(x, [length, ...x.shape]))),
      );
      const ids = now.slice(2);
      if (!batched.slice(2).includes(true))
        return [applyOne(record, [base, values, ...ids], overBatch(params))];
      const wide = batchedIds(ids, batched.slice(2), length);
      const moved = moveAxes(values, params.at + 1, 1, inputAt(inputs, 2).rank);
      return [
        applyOne(record, [base, moved, batchNumbers(unaryInput(wide)), ...wide], {
          axes: [0, ...overBatch(params).axes],
          at: 0,
        }),
      ];
    },
    lowering: {
      kind: "update",
      update(context) {
        const { apply } = context;
        const base = unaryInput(apply.inputs);
        const ids = inputAt(apply.inputs, 2);
        const kept = base.shape.filter((_, axis) => !apply.params.axes.includes(axis));
        const writeRow = (idsIndex: readonly Index[]): readonly Statement[] => {
          const pointers = pointersAt(apply, 2, context.read, idsIndex);
          const outside = pointers.map((p) => p.outside).reduce((a, b) => binary("or", a, b));
          const rows = loopOver(
            context,
            kept,
            (keptIndex) => {
              const valuesIndex = keptIndex.toSpliced(apply.params.at, 0, ...idsIndex);
              const target = baseLayout(
                valuesIndex,
                ids.rank,
                pointers.map((p) => p.place),
                apply.params,
                base.rank,
              );
              const value = context.read(1, valuesIndex);
              return [
                context.write(
                  0,
                  target,
                  mode === "set" ? value : binary("add", context.readOutput(0, target), value),
                ),
              ];
            },
            { prefix: "j" },
          );
          return [
            ...pointers.map((p) => context.fail(p.outside, p.failure)),
            ifStatement(unary("not", outside), rows),
          ];
        };
        return loopOver(context, ids.shape, writeRow, { parallel: false });
      },
    },
    cost: "cheap",
    safeInputs: [undefined, ...safeIds],
  });
  return record;
}

/** (base, values, ...ids) -> the base with the values added at the ids, in ascending order of the ids' places. */
export const scatterAddOp = scatter("scatterAdd", "add");
/** (base, values, ...ids) -> the base with the values written at the ids; of several for one place the last stays. */
export const scatterSetOp = scatter("scatterSet", "set");

/** True where a value stays: no later id points at the same place. Broadcasts against the values. */
function lastWriters(inputs: readonly Tensor[], { axes, at }: IntegerIndexParams): Tensor {
  const [base, values] = binaryInputs(inputs);
  const ids = inputs.slice(2);
  const { shape, rank } = unaryInput(ids);
  const numbers = toExactShape(arange(shapeSize(shape)), shape);
  const places = { axes: axes.map((_, k) => k), at: 0 };
  const table = applyOne(
    scatterSetOp,
    [
      zeros(
        axes.map((axis) => sizeAt(base, axis)),
        "int32",
      ),
      numbers,
      ...ids,
    ],
    places,
  );
  const after = Array.from({ length: values.rank - at - rank }, (_, axis) => rank + axis);
  return insertAxes(eq(gather(table, ids, places), numbers), after);
}
