/** Derivatives in the user's words: autodiff with the few ops it needs bound. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { gradientContext } from "../autodiff/context.ts";
import { gradients, type GradOptions } from "../autodiff/grad.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { constant, zerosLike } from "../ops/constant.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";

export type { GradOptions } from "../autodiff/grad.ts";

const context = gradientContext({ add: (x, y) => add(x, y), zeros: (x) => zerosLike(x) });

/** One tensor for one, a list for a list, each with the dtype of what it belongs to. */
export type Matching<W extends Tensor | readonly Tensor[]> = W extends readonly Tensor[]
  ? { -readonly [K in keyof W]: W[K] extends Tensor<infer D> ? Tensor<D> : never }
  : W extends Tensor<infer D>
    ? Tensor<D>
    : never;

const isList = <T>(x: T | readonly T[]): x is readonly T[] => Array.isArray(x);
const listOf = (x: Tensor | readonly Tensor[]): readonly Tensor[] => (isList(x) ? x : [x]);
const matching = <W extends Tensor | readonly Tensor[]>(
  like: W,
  tensors: readonly Tensor[],
): Matching<W> => (isList<Tensor>(like) ? tensors : tensors[0]) as Matching<W>;

/**
 * Gradients of the scalar `cost` in `wrt` (a tensor or a list), through scans too, and to any order: the result is a graph again.
 * @example const [dW, db] = grad(cost, [W, b]);
 * @throws ShapeError GRAD_COST_RANK; GradientError GRAD_DISCONNECTED, NO_VJP; ArgumentError NOT_A_TENSOR, GRAD_OPTION
 */
export function grad<const W extends Tensor | readonly Tensor[]>(
  cost: Tensor,
  wrt: W,
  options: GradOptions = {},
): Matching<W> {
  requireTensors("grad", "the cost", [cost]);
  checkOptions(options);
  const list = requireTensors("grad", "wrt", listOf(wrt));
  return matching(wrt, gradients(context, cost, constant(1, cost.dtype), list, options));
}

/**
 * The R-operator: the change of `outputs` when `wrt` changes by `tangents` (Jacobian times vector). No path gives zeros.
 * @throws ShapeError TANGENT_SHAPE; GradientError NO_JVP
 */
export function jvp<const O extends Tensor | readonly Tensor[]>(
  outputs: O,
  wrt: Tensor | readonly Tensor[],
  tangents: Tensor | readonly Tensor[],
): Matching<O> {
  const list = requireTensors("jvp", "outputs", listOf(outputs));
  const [inputs, directions] = [
    requireTensors("jvp", "wrt", listOf(wrt)),
    requireTensors("jvp", "tangents", listOf(tangents)),
  ];
  const pushed = context.pushforward(list, inputs, directionsLike("jvp", inputs, directions));
  return matching(
    outputs,
    list.map((output, i) => pushed[i] ?? zerosLike(output)),
  );
}

/**
 * The L-operator: what `cotangents` of `outputs` mean for `wrt` (vector times Jacobian). No path gives zeros.
 * @throws ShapeError TANGENT_SHAPE; GradientError NO_VJP
 */
export function vjp<const W extends Tensor | readonly Tensor[]>(
  outputs: Tensor | readonly Tensor[],
  wrt: W,
  cotangents: Tensor | readonly Tensor[],
): Matching<W> {
  const list = requireTensors("vjp", "wrt", listOf(wrt));
  const [results, given] = [
    requireTensors("vjp", "outputs", listOf(outputs)),
    requireTensors("vjp", "cotangents", listOf(cotangents)),
  ];
  const pulled = context.pullback(results, directionsLike("vjp", results, given), list);
  return matching(
    wrt,
    list.map((input, i) => pulled[i] ?? zerosLike(input)),
  );
}

function checkOptions(options: GradOptions): void {
  const unknown = unknownOption(options, ["disconnectedInputs"]);
  if (unknown !== undefined)
    throw new ArgumentError("GRAD_OPTION", `grad ${unknown.problem}`, unknown);
  const word: string = options.disconnectedInputs ?? "raise";
  if (word !== "raise" && word !== "ignore")
    throw new ArgumentError("GRAD_OPTION", `grad: disconnectedInputs cannot be "${word}"`, {
      hint: 'it is "raise" or "ignore"',
    });
}

function requireTensors(what: string, role: string, list: readonly unknown[]): readonly Tensor[] {
  const tensors = list.filter((x) => x instanceof Tensor);
  if (tensors.length === list.length) return tensors;
  const wrong = list.findIndex((x) => !(x instanceof Tensor));
  throw new ArgumentError(
    "NOT_A_TENSOR",
    `${what}: ${role}${list.length > 1 ? `[${wrong}]` : ""} is ${typeof list[wrong]}, not a tensor`,
  );
}

/** The directions in the types of what they belong to; sizes that cannot be proved equal are checked at the call. */
function directionsLike(
  what: string,
  tensors: readonly Tensor[],
  directions: readonly Tensor[],
): Tensor[] {
  if (tensors.length !== directions.length)
    throw new ArgumentError(
      "TANGENT_COUNT",
      `${what}: ${tensors.length} tensors and ${directions.length} directions`,
      { hint: "give one for each" },
    );
  return directions.map((direction, i) => directionLike(what, tensors[i] ?? direction, direction));
}

function directionLike(what: string, x: Tensor, direction: Tensor): Tensor {
  const message = `${what}: the direction for ${describe(x)} ${printType(x.type)} is ${printType(direction.type)}`;
  const hint = "a direction has the shape and dtype of its tensor";
  const unequal = x.shape.flatMap((size, axis) => {
    const other = direction.shape[axis] ?? size;
    return size.equals(other)
      ? []
      : [{ x: size, relation: "equal" as const, y: other, message, hint }];
  });
  const wrong = unequal.some(
    (check) => check.x.constant !== undefined && check.y.constant !== undefined,
  );
  if (direction.rank !== x.rank || direction.dtype !== x.dtype || wrong)
    throw new ShapeError("TANGENT_SHAPE", message, { hint });
  return assertSizes(direction, x.shape, unequal);
}
