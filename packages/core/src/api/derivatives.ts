/** Autodiff with the few ops it needs bound, and what the words for derivatives share. */
import { gradientContext } from "../autodiff/context.ts";
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { zerosLike } from "../ops/constant.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";

export const context = gradientContext({ add: (x, y) => add(x, y), zeros: (x) => zerosLike(x) });

/** One tensor for one, a list for a list, each with the dtype of what it belongs to. */
export type Matching<W extends Tensor | readonly Tensor[]> = W extends readonly Tensor[]
  ? { -readonly [K in keyof W]: W[K] extends Tensor<infer D> ? Tensor<D> : never }
  : W extends Tensor<infer D>
    ? Tensor<D>
    : never;

const isList = <T>(x: T | readonly T[]): x is readonly T[] => Array.isArray(x);

/** @throws ArgumentError NOT_A_TENSOR */
export function tensorsOf(
  what: string,
  role: string,
  given: Tensor | readonly Tensor[],
): readonly Tensor[] {
  const list = isList(given) ? given : [given];
  const wrong = list.findIndex((x: unknown) => !(x instanceof Tensor));
  if (wrong < 0) return list;
  throw new ArgumentError(
    "NOT_A_TENSOR",
    `${what}: ${role}${list.length > 1 ? `[${wrong}]` : ""} is ${typeof list[wrong]}, not a tensor`,
  );
}

/** `tensors` in the form of `like`. */
export const matching = <W extends Tensor | readonly Tensor[]>(
  like: W,
  tensors: readonly (Tensor | undefined)[],
): Matching<W> => (isList<Tensor>(like) ? tensors : tensors[0]) as Matching<W>;

/**
 * The directions in the types of what they belong to; sizes that cannot be proved equal are checked at the call.
 * @throws ArgumentError TANGENT_COUNT; ShapeError TANGENT_SHAPE
 */
export function directionsLike(
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

/** @throws ShapeError TANGENT_SHAPE */
export function directionLike(what: string, x: Tensor, direction: Tensor): Tensor {
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
