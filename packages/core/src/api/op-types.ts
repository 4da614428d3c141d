/** What an op of the user declares of its inputs and results, and tensors held to it. */
import { ArgumentError, DTypeError, ShapeError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { isDType, isFloating, type DType } from "../graph/dtype.ts";
import type { SizeCheck } from "../graph/op.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";
import { toSize, type Size } from "../size/size.ts";
import type { SizeSpec } from "./tensors.ts";

/** The type of an input or a result. */
export interface OpType {
  /** Sizes: numbers, names that must agree wherever they stand, null for any. Without it: any shape. */
  readonly shape?: readonly SizeSpec[];
  /** Default: floating, that is float32 or float64. */
  readonly dtype?: DType | "floating";
}
export interface OpInput extends OpType {
  /** How messages call it. */
  readonly name: string;
}

/** Sizes by their names in a declaration, and where each was first met. */
export type NamedSizes = Map<string, { readonly size: Size; readonly where: string }>;

/**
 * `tensor` as declared: what is proved of its sizes it has, the rest is checked at the call.
 * @param role how messages call its place: `input "x"`
 * @throws DTypeError OP_DTYPE; ShapeError OP_SHAPE
 */
export function fitType(
  label: string,
  role: string,
  tensor: Tensor,
  { shape, dtype = "floating" }: OpType,
  names: NamedSizes,
): Tensor {
  const given = `${label}: ${role} is ${describe(tensor)} ${printType(tensor.type)}`;
  if (dtype === "floating" ? !isFloating(tensor.dtype) : tensor.dtype !== dtype)
    throw new DTypeError("OP_DTYPE", `${given}, and must be ${dtype}`, {
      hint: `convert it: cast(x, "${dtype === "floating" ? "float32" : dtype}")`,
    });
  if (shape === undefined) return tensor;
  const declared = `[${shape.map((size) => size ?? "any").join(", ")}]`;
  const hint =
    "declared names are equal sizes wherever they stand: reshape or broadcast the tensor";
  const wrong = (why: string): ShapeError =>
    new ShapeError("OP_SHAPE", `${given}, and must be ${declared}${why}`, {
      hint,
    });
  if (tensor.rank !== shape.length) throw wrong("");
  const checks: SizeCheck[] = [];
  const sizes = tensor.shape.map((size, axis): Size => {
    const wanted = shape[axis] ?? null;
    if (wanted === null) return size;
    const known =
      typeof wanted === "number"
        ? { size: toSize(wanted), where: "its declaration" }
        : names.get(wanted);
    const where = `axis ${axis} of ${role}`;
    if (known === undefined) {
      names.set(String(wanted), { size, where });
      return size;
    }
    if (known.size.equals(size)) return known.size;
    const message = `${label}: size ${wanted} is that of ${known.where} and of ${where} ${describe(tensor)}`;
    if (known.size.constant !== undefined && size.constant !== undefined)
      throw wrong(
        `: ${wanted} is ${known.size.constant} by ${known.where}, ${size.constant} in ${where}`,
      );
    checks.push({ x: known.size, relation: "equal", y: size, message, hint });
    return known.size;
  });
  return assertSizes(tensor, sizes, checks);
}

/** @throws ArgumentError OP_OPTION */
export function checkType(label: string, role: string, type: OpType, named: boolean): void {
  const known = ["shape", "dtype"];
  const unknown = unknownOption(type, named ? ["name", ...known] : known);
  if (unknown !== undefined)
    throw new ArgumentError("OP_OPTION", `${label}: ${role} ${unknown.problem}`, unknown);
  const { dtype = "floating" } = type;
  const shape: unknown = type.shape;
  const isSize = (size: unknown): boolean =>
    size === null || typeof size === "string" || (Number.isSafeInteger(size) && Number(size) >= 0);
  const isShape = shape === undefined || (Array.isArray(shape) && shape.every(isSize));
  if (isShape && (dtype === "floating" || isDType(dtype))) return;
  const wrong = isShape ? `dtype ${JSON.stringify(dtype)}` : `shape ${JSON.stringify(shape)}`;
  throw new ArgumentError("OP_OPTION", `${label}: ${role} cannot have ${wrong}`, {
    hint: isShape
      ? "it is floating, float32, float64, int32 or bool"
      : 'give a list of numbers, names and nulls: ["B", 3, null]',
  });
}
