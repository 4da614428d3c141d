/** Which element of an op's inputs made an element of its result wrong. */
import { constantSize, evaluateSize, type Size } from "../../size/size.ts";
import { NDArray } from "../../graph/ndarray.ts";
import { allocate } from "../../graph/dtype.ts";
import type { Apply } from "../../graph/op.ts";
import { elementAt, flatAt, valueAt } from "../../graph/positions.ts";
import { constantIndex } from "../../loop-ir/index-expr.ts";
import { movedAxes } from "../../ops/moved-axes.ts";
import { recordOf } from "../../ops/record.ts";
import { valueIn, type Scope, type Spot, type Wrong } from "./spot.ts";

interface Made extends Spot {
  readonly apply: Apply;
}

/** Undefined where the inputs are right: the op itself made it. */
export function sourceElement(made: Made, wrong: Wrong): Spot | undefined {
  const { apply, element, scope } = made;
  const { lowering } = recordOf(apply);
  const [input] = apply.inputs;
  const size = (s: Size): number => evaluateSize(s, scope.sizes);
  const whereWrong = (i: number, at: readonly number[]): Spot | undefined => {
    const tensor = apply.inputs[i];
    return tensor !== undefined && wrong(valueAt(valueIn(scope, tensor), at))
      ? { tensor, element: at, scope }
      : undefined;
  };
  switch (lowering.kind) {
    case "scalar":
      return sourceOfScalar(made, wrong);
    case "view": {
      const at = lowering.view(
        apply,
        element.map((n) => constantIndex(n)),
      );
      return whereWrong(
        0,
        at.map(({ offset }) => size(offset)),
      );
    }
    case "print":
      return whereWrong(0, element);
    case "reshape": {
      const from = input === undefined ? [] : valueIn(scope, input).shape;
      return whereWrong(0, elementAt(from, flatAt(valueIn(scope, made.tensor).shape, element)));
    }
    case "assemble":
      for (const [i, start] of lowering.offsets(apply).entries()) {
        const at = element.map((n, axis) => n - size(start[axis] ?? constantSize(0)));
        const shape = apply.inputs[i]?.shape.map(size) ?? [];
        if (at.every((n, axis) => n >= 0 && n < (shape[axis] ?? 0))) return whereWrong(i, at);
      }
      return undefined;
    case "reduce":
    case "matmul":
    case "element":
    case "kernel":
    case "prefix":
    case "update":
    case "block":
    case "loop":
      return sourceOfMany(made, wrong);
    default:
      return lowering satisfies never;
  }
}

/** The element of each input that an elementwise op reads. */
export function elementsRead(apply: Apply, element: readonly number[], scope: Scope): number[][] {
  return apply.inputs.map((x) => {
    const { shape } = valueIn(scope, x);
    const own = element.slice(element.length - shape.length);
    return shape.map((size, axis) => (size === 1 ? 0 : (own[axis] ?? 0)));
  });
}

/** Where several are wrong, the one without which the result is right: the chosen side of a `where`. */
function sourceOfScalar({ apply, element, scope }: Made, wrong: Wrong): Spot | undefined {
  const read = elementsRead(apply, element, scope);
  const numbers = apply.inputs.map((x, i) => valueAt(valueIn(scope, x), read[i] ?? []));
  const candidates = numbers.flatMap((value, i) => (wrong(value) ? [i] : []));
  const decides = (i: number): boolean => !wrong(applied(apply, numbers.with(i, 0.5)));
  const chosen =
    candidates.length > 1 ? (candidates.find(decides) ?? candidates[0]) : candidates[0];
  const tensor = chosen === undefined ? undefined : apply.inputs[chosen];
  return chosen === undefined || tensor === undefined
    ? undefined
    : { tensor, element: read[chosen] ?? [], scope };
}

/** An elementwise op of numbers. */
function applied({ op, params, inputs, outputs }: Apply, numbers: readonly number[]): number {
  const scalars = inputs.map(({ dtype }, i) => {
    const data = allocate(dtype, 1);
    data[0] = numbers[i] ?? 0;
    return new NDArray(dtype, [], data);
  });
  const types = outputs.map(({ dtype }) => ({ dtype, shape: [] }));
  const context = { size: () => 1, types, block: () => [], print: () => undefined };
  const [result] = op.reference(scalars, params, context, []);
  return result?.item() ?? NaN;
}

/** The first wrong element that agrees with the result's along the axes that the op keeps. */
function sourceOfMany({ apply, tensor, element, scope }: Made, wrong: Wrong): Spot | undefined {
  const { kind } = recordOf(apply).lowering;
  const moved = movedAxes(apply);
  const output = apply.outputs.indexOf(tensor);
  for (const [i, input] of apply.inputs.entries()) {
    const { data, shape } = valueIn(scope, input);
    const kept = shape.map((_, axis) =>
      kind === "loop" ? undefined : element[moved(i, axis, output) ?? -1],
    );
    for (const [flat, value] of data.entries()) {
      if (!wrong(value)) continue;
      const at = elementAt(shape, flat);
      if (at.every((n, axis) => (kept[axis] ?? n) === n))
        return { tensor: input, element: at, scope };
    }
  }
  return undefined;
}
