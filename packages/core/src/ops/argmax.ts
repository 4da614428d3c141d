/** Where the greatest and the least element lie. */
import { ShapeError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import { elementCount, generate, type NDArray } from "../graph/ndarray.ts";
import { applyOne, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import {
  binary,
  compare,
  literal,
  positionOf,
  readVar,
  scalarVar,
  select,
} from "../loop-ir/build.ts";
import { indexOf, zeroIndex } from "../loop-ir/index-expr.ts";
import type { Expr, Index } from "../loop-ir/types.ts";
import { constantSize } from "../size/size.ts";
import { unaryInput } from "./arity.ts";
import { cast } from "./cast.ts";
import { insertAxes } from "./dimshuffle.ts";
import { defineRecord, scalarTypeOf, type OpRecord } from "./record.ts";
import { keepsDims, type ReduceOptions } from "./reduce.ts";
import { flatten } from "./reshape.ts";
import { describeSource, describeTyped, normalizeAxis, sizeAt } from "./shape.ts";
import { loopOver } from "./slice.ts";

interface ArgParams {
  readonly axis: number;
}

const without = <T>(entries: readonly T[], axis: number): T[] =>
  entries.filter((_, k) => k !== axis);

/** The first place along `axis` whose element beats all others; the first NaN beats everything. */
function referencePlaces(
  x: NDArray,
  axis: number,
  beats: (a: number, b: number) => boolean,
): NDArray {
  const [n = 0, inner] = [x.shape[axis], elementCount(x.shape.slice(axis + 1))];
  return generate("int32", without(x.shape, axis), (i) => {
    const first = Math.floor(i / inner) * n * inner + (i % inner);
    const at = (k: number): number => x.data[first + k * inner] ?? 0;
    let best = 0;
    for (let k = 1; k < n; k++)
      if (beats(at(k), at(best)) || (Number.isNaN(at(k)) && !Number.isNaN(at(best)))) best = k;
    return best;
  });
}

function argOp(
  name: string,
  beats: (a: number, b: number) => boolean,
  beatsExpr: (a: Expr, b: Expr) => Expr,
): OpRecord<ArgParams> {
  const record: OpRecord<ArgParams> = defineRecord<ArgParams>({
    name,
    infer(inputs, { axis }) {
      const x = unaryInput(inputs);
      const n = sizeAt(x, axis);
      const message = `${name} of no elements: axis ${axis} of ${describeSource(x)}`;
      if (n.constant === 0)
        throw new ShapeError("EMPTY_REDUCTION", message, { notes: [describeTyped(x)] });
      const checks: SizeCheck[] =
        n.constant === undefined
          ? [{ x: n, relation: "atLeast", y: constantSize(1), message }]
          : [];
      return { types: [{ dtype: "int32", shape: without(x.shape, axis) }], checks };
    },
    reference: (inputs, { axis }) => [referencePlaces(unaryInput(inputs), axis, beats)],
    vjp: () => [undefined],
    jvp: () => [undefined],
    batch: ({ params }, inputs) => [
      applyOne(record, [unaryInput(inputs)], { axis: params.axis + 1 }),
    ],
    lowering: {
      kind: "kernel",
      kernel(context) {
        const { axis } = context.apply.params;
        const x = unaryInput(context.apply.inputs);
        return loopOver(context, without(x.shape, axis), (outer) => {
          const read = (k: Index): Expr => context.read(0, outer.toSpliced(axis, 0, k));
          const [best, place] = [
            scalarVar("best", scalarTypeOf[x.dtype]),
            scalarVar("place", "i32"),
          ];
          const scan = context.loop("k", sizeAt(x, axis), false, (v) => {
            const value = read(indexOf(v));
            const better = betterOrNaN(beatsExpr(value, readVar(best)), value, readVar(best));
            return [
              {
                kind: "assign",
                var: place,
                value: select(better, positionOf(indexOf(v)), readVar(place)),
              },
              { kind: "assign", var: best, value: select(better, value, readVar(best)) },
            ];
          });
          return [
            { kind: "let", var: best, value: read(zeroIndex) },
            { kind: "let", var: place, value: literal("i32", 0) },
            scan,
            context.write(0, outer, readVar(place)),
          ];
        });
      },
    },
    cost: "cheap",
  });
  return record;
}

function betterOrNaN(better: Expr, value: Expr, best: Expr): Expr {
  if (value.type === "i32") return better;
  return binary(
    "or",
    better,
    binary("and", compare("ne", value, value), compare("eq", best, best)),
  );
}

export const argmaxOp = argOp(
  "argmax",
  (a, b) => a > b,
  (a, b) => compare("lt", b, a),
);
export const argminOp = argOp(
  "argmin",
  (a, b) => a < b,
  (a, b) => compare("lt", a, b),
);

function place(
  op: OpRecord<ArgParams>,
  x: Tensor,
  axis: number | undefined,
  options: ReduceOptions,
): Tensor<"int32"> {
  const keepdims = keepsDims(op.name, options);
  const ordered = isFloating(x.dtype) ? x : cast(x, "int32");
  const list = axis === undefined ? flatten(ordered) : ordered;
  const at = normalizeAxis(op.name, axis ?? 0, list);
  const places = applyOne(op, [list], { axis: at }) as Tensor<"int32">;
  if (!keepdims) return places;
  const kept = axis === undefined ? x.shape.map((_, k) => k) : [at];
  return insertAxes(places, kept) as Tensor<"int32">;
}

/** The first place of the greatest element along `axis` (of the flattened tensor when undefined); NaN counts as greatest. @throws IndexError AXIS; ArgumentError REDUCE_OPTION; ShapeError EMPTY_REDUCTION */
export function argmax(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor<"int32"> {
  return place(argmaxOp, x, axis, options);
}

/** The first place of the least element along `axis` (of the flattened tensor when undefined); NaN counts as least. @throws IndexError AXIS; ArgumentError REDUCE_OPTION; ShapeError EMPTY_REDUCTION */
export function argmin(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor<"int32"> {
  return place(argminOp, x, axis, options);
}
