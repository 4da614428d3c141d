/** Symbolic inputs. Their sizes are known at the call; sizes with one name agree. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { isDType, type DType } from "../graph/dtype.ts";
import { Tensor } from "../graph/tensor.ts";
import { constantSize, symbolSize, type Size, type SizeSymbol } from "../size/size.ts";

/** A size of an input: a number, a name shared between inputs, or null for a size of its own. */
export type SizeSpec = number | string | null;

export interface TensorOptions<D extends DType = DType> {
  /** Default: float32. */
  readonly dtype?: D;
}
export interface ShapedOptions<D extends DType = DType> extends TensorOptions<D> {
  readonly shape: readonly SizeSpec[];
}

let unnamed = 0;
const owners = new WeakMap<SizeSymbol, Tensor>();

/** The input whose unnamed axis a size symbol stands for. */
export function ownerOfSize(symbol: SizeSymbol): Tensor | undefined {
  return owners.get(symbol);
}

/**
 * An input with the given sizes: numbers are fixed, names are shared (`["T", "B", 7]`), null is a size of its own.
 * @throws ArgumentError TENSOR_NAME, TENSOR_OPTION, DTYPE, SIZE
 */
export function tensor<D extends DType = "float32">(
  name: string,
  options: ShapedOptions<D>,
): Tensor<D>;
export function tensor(name: string, options: ShapedOptions): Tensor {
  checkOptions(name, options, ["shape", "dtype"]);
  const { shape, dtype = "float32" } = options;
  const given: unknown = shape;
  if (!Array.isArray(given))
    throw new ArgumentError("SIZE", `"${name}": the shape is not a list`, {
      hint: 'give a list of sizes: { shape: ["T", "B", 7] }',
    });
  if (!isDType(dtype))
    throw new ArgumentError("DTYPE", `"${name}": there is no dtype ${JSON.stringify(dtype)}`, {
      hint: "the dtypes are float32, float64, int32 and bool",
    });
  const own: SizeSymbol[] = [];
  const sizes = shape.map((size, axis) => inputSize(name, size, axis, own));
  const input = new Tensor({ dtype, shape: sizes }, { kind: "input" }, name);
  for (const symbol of own) owners.set(symbol, input);
  return input;
}

/** @throws ArgumentError TENSOR_NAME, TENSOR_OPTION */
function checkOptions(name: string, options: TensorOptions, known: readonly string[]): void {
  if (typeof name !== "string" || name === "")
    throw new ArgumentError("TENSOR_NAME", `an input needs a name, got ${JSON.stringify(name)}`, {
      hint: 'name it as in the call: matrix("x") is given as { x: ... }',
    });
  const unknown = unknownOption(options, known);
  if (unknown !== undefined)
    throw new ArgumentError("TENSOR_OPTION", `"${name}" ${unknown.problem}`, unknown);
}

function inputSize(tensorName: string, size: SizeSpec, axis: number, own: SizeSymbol[]): Size {
  if (typeof size === "number") {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new ArgumentError("SIZE", `"${tensorName}": ${size} is not the size of axis ${axis}`, {
        hint: "give an integer >= 0, a name, or null",
      });
    return constantSize(size);
  }
  if (size !== null) return symbolSize({ kind: "symbol", key: size, name: size });
  const symbol: SizeSymbol = {
    kind: "symbol",
    key: `${tensorName}.shape[${axis}]#${unnamed++}`,
    name: `${tensorName}.shape[${axis}]`,
  };
  own.push(symbol);
  return symbolSize(symbol);
}

const ofRank =
  (rank: number) =>
  <D extends DType = "float32">(name: string, options: TensorOptions<D> = {}): Tensor<D> => {
    checkOptions(name, options, ["dtype"]);
    return tensor<D>(name, { ...options, shape: Array.from({ length: rank }, () => null) });
  };

/** An input without axes. */
export const scalar = ofRank(0);
/** An input of shape `[n]`. */
export const vector = ofRank(1);
/** An input of shape `[m, n]`. */
export const matrix = ofRank(2);
/** An input with three axes. */
export const tensor3 = ofRank(3);
/** An input with four axes. */
export const tensor4 = ofRank(4);
