/** Comparisons: bool results, no gradients. NaN compares as unequal to everything. */
import { isFloating } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compare } from "../loop-ir/build.ts";
import { zerosLike } from "./constant.ts";
import { comparison } from "./constructors.ts";
import { cast } from "./cast.ts";
import { asTensor, type Operand } from "./operand.ts";

/** x < y */
export const lt = comparison("lt", {
  reference: (x, y) => Number(x < y),
  scalar: (x, y) => compare("lt", x, y),
});
/** x <= y */
export const le = comparison("le", {
  reference: (x, y) => Number(x <= y),
  scalar: (x, y) => compare("le", x, y),
});
/** x > y */
export const gt = comparison("gt", {
  reference: (x, y) => Number(x > y),
  scalar: (x, y) => compare("lt", y, x),
});
/** x >= y */
export const ge = comparison("ge", {
  reference: (x, y) => Number(x >= y),
  scalar: (x, y) => compare("le", y, x),
});
/** x === y */
export const eq = comparison("eq", {
  reference: (x, y) => Number(x === y),
  scalar: (x, y) => compare("eq", x, y),
});
/** x !== y */
export const ne = comparison("ne", {
  reference: (x, y) => Number(x !== y),
  scalar: (x, y) => compare("ne", x, y),
});

/** True where `x` is NaN. */
export function isNaN(x: Operand): Tensor<"bool"> {
  const tensor = asTensor(x);
  return isFloating(tensor.dtype) ? ne(tensor, tensor) : cast(zerosLike(tensor), "bool");
}
