/** Directions and cotangents have the types of what they belong to. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";

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
