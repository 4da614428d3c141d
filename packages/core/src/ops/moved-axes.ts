/** Where the axes of an input go in the results of an op, read off its lowering, so that a new op need not say it. */
import type { Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { literal } from "../loop-ir/build.ts";
import { indexOf, indexVar } from "../loop-ir/index-expr.ts";
import type { Expr, Index, IndexVar, Statement } from "../loop-ir/types.ts";
import { mulSizes } from "../size/size.ts";
import { recordOf, scalarTypeOf, type KernelContext } from "./record.ts";

/**
 * The axis of a result along which elements depend on the same place only of axis `axis` of an input; undefined where they depend on
 * several places of it.
 */
export type MovedAxes = (input: number, axis: number, output: number) => number | undefined;

/** For any op but loops and ops made of others. @example movedAxes(transposed)(0, 0, 0); // 1 for a matrix */
export function movedAxes(apply: Apply): MovedAxes {
  const { lowering } = recordOf(apply);
  const inputAt = (input: number): Tensor | undefined => apply.inputs[input];
  const result = apply.outputs[0];
  const rankOf = (x: Tensor | undefined): number => x?.rank ?? 0;
  switch (lowering.kind) {
    case "scalar":
      return (input, axis) => axis + rankOf(result) - rankOf(inputAt(input));
    case "reduce": {
      const axes = lowering.axes(apply);
      const keepdims = lowering.keepdims(apply);
      return (_input, axis) =>
        axes.includes(axis)
          ? undefined
          : axis - (keepdims ? 0 : axes.filter((reduced) => reduced < axis).length);
    }
    case "matmul":
      return (input, axis) => {
        const contracted = input === 0 ? -1 : input === 1 ? -2 : undefined;
        return contracted !== undefined && axis === rankOf(inputAt(input)) + contracted
          ? undefined
          : axis;
      };
    case "reshape":
      return (input, axis) => reshapedAxis(inputAt(input), result, axis);
    case "assemble":
      return (input, axis) => {
        const [size, whole] = [inputAt(input)?.shape[axis], result?.shape[axis]];
        return size !== undefined && whole !== undefined && size.equals(whole) ? axis : undefined;
      };
    case "view": {
      const vars = varsOf(result);
      const read = lowering.view(
        apply,
        vars.map((v) => indexOf(v)),
      );
      return (_input, axis) => placeOf(loneVar(read[axis]), vars);
    }
    case "element":
    case "kernel":
    case "update":
      return accessedAxes(accessesOf(apply), lowering.kind === "update");
    case "print":
      return (_input, axis) => axis;
    case "prefix":
      return (_input, axis) => (axis === 0 ? undefined : axis);
    case "block":
    case "loop":
      return () => undefined;
    default:
      return lowering satisfies never;
  }
}

/** The axis of `to` with as many elements before it, and of the same size. */
function reshapedAxis(
  from: Tensor | undefined,
  to: Tensor | undefined,
  axis: number,
): number | undefined {
  const size = from?.shape[axis];
  if (from === undefined || to === undefined || size === undefined) return undefined;
  const before = mulSizes(...from.shape.slice(0, axis));
  const at = to.shape.findIndex(
    (other, k) => other.equals(size) && mulSizes(...to.shape.slice(0, k)).equals(before),
  );
  return at < 0 ? undefined : at;
}

const varsOf = (x: Tensor | undefined): IndexVar[] =>
  (x?.shape ?? []).map((_, axis) => indexVar(`i${axis}`));

/** The variable that an index is; undefined for any other index. */
function loneVar(index: Index | undefined): IndexVar | undefined {
  const [term, ...more] = index?.terms ?? [];
  return term?.of.kind === "indexVar" &&
    more.length === 0 &&
    term.coef.constant === 1 &&
    index?.offset.constant === 0
    ? term.of
    : undefined;
}

function placeOf(
  v: IndexVar | undefined,
  vars: readonly (IndexVar | undefined)[],
): number | undefined {
  const at = v === undefined ? -1 : vars.indexOf(v);
  return at < 0 ? undefined : at;
}

interface Access {
  /** The input or output. */
  readonly of: number;
  readonly index: readonly Index[];
}
interface Accesses {
  readonly reads: readonly Access[];
  readonly writes: readonly Access[];
}

/** What the op reads and writes, by running its lowering on nothing. */
function accessesOf(apply: Apply): Accesses {
  const { lowering } = recordOf(apply);
  const [reads, writes]: [Access[], Access[]] = [[], []];
  const valueOf = (x: Tensor | undefined): Expr => literal(scalarTypeOf[x?.dtype ?? "float32"], 0);
  const read = (input: number, index: readonly Index[]): Expr => {
    reads.push({ of: input, index });
    return valueOf(apply.inputs[input]);
  };
  const nothing: Statement = { kind: "fail", cond: literal("bool", 0), code: 0 };
  const context: KernelContext<unknown> = {
    apply,
    read,
    readOutput: (output) => valueOf(apply.outputs[output]),
    write: (output, index) => {
      writes.push({ of: output, index });
      return nothing;
    },
    loop: (name, extent, parallel, body) => {
      const v = indexVar(name);
      return { kind: "for", var: v, extent, parallel, body: body(v) };
    },
    fail: () => nothing,
  };
  if (lowering.kind === "element") {
    const index = varsOf(apply.outputs[0]).map((v) => indexOf(v));
    writes.push({ of: 0, index });
    lowering.element({ apply, index, read });
  } else if (lowering.kind === "kernel") lowering.kernel(context);
  else if (lowering.kind === "update") lowering.update(context);
  return { reads, writes };
}

/** An axis moves with a variable that every read has there and every write has at one place. */
function accessedAxes({ reads, writes }: Accesses, keepsFirst: boolean): MovedAxes {
  return (input, axis, output) => {
    if (keepsFirst && input === 0) return axis;
    const found = reads.filter((x) => x.of === input).map((x) => loneVar(x.index[axis]));
    const [v] = found;
    if (v === undefined || found.some((other) => other !== v)) return undefined;
    const places = writes
      .filter((x) => x.of === output)
      .map((x) => placeOf(v, x.index.map(loneVar)));
    const [place] = places;
    return places.every((other) => other === place) ? place : undefined;
  };
}
