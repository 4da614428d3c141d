/** Shared variables: parameters and state that live from call to call. */
import { ArgumentError, DTypeError, ShapeError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { isDType, type DType } from "../graph/dtype.ts";
import { copyOf, HostHolder } from "../graph/host-holder.ts";
import { NDArray } from "../graph/ndarray.ts";
import { Tensor, type SharedCell } from "../graph/tensor.ts";
import { readCell } from "../runtime/device-arrays.ts";
import { constantSize } from "../size/size.ts";
import { toNDArray, type TensorValue } from "./values.ts";

/** A tensor with a value that updates may change. Its shape and dtype are fixed. */
export class Shared<out D extends DType = DType> extends Tensor<D> {
  readonly cell: SharedCell;

  constructor(value: NDArray<D>, name?: string) {
    const cell: SharedCell = { holder: new HostHolder(copyOf<DType>(value)) };
    super(
      { dtype: value.dtype, shape: value.shape.map(constantSize) },
      { kind: "shared", cell },
      name,
    );
    this.cell = cell;
  }

  /**
   * A copy of the present value, wherever it is: on a GPU, after all calls made so far.
   * @example const value = await W.read();
   */
  async read(): Promise<NDArray<D>> {
    return copyOf(await readCell(this.cell)) as NDArray<D>;
  }

  /** A copy of the present value. @throws ArgumentError SHARED_ON_DEVICE: see `read` */
  get(): NDArray<D> {
    const value = this.cell.holder.read(this);
    return copyOf(value) as NDArray<D>;
  }

  /**
   * Replaces the value by one of the same shape and dtype.
   * @throws ShapeError SHARED_SHAPE; DTypeError INPUT_DTYPE
   */
  set(value: TensorValue<NoInfer<D>>): void {
    const sizes = this.shape.map((size) => size.constant);
    const array = toNDArray({ label: this.#label(), dtype: this.dtype, sizes }, value);
    if (array.rank !== this.rank || array.shape.some((n, axis) => n !== sizes[axis]))
      throw new ShapeError(
        "SHARED_SHAPE",
        `${this.#label()} has shape [${sizes.join(", ")}], the value given has [${array.shape.join(", ")}]`,
        {
          hint: "a shared variable keeps its shape; make another one for another shape",
        },
      );
    this.cell.holder.write(array);
  }

  #label(): string {
    return this.name === undefined
      ? `the shared variable made at ${this.site.toString()}`
      : `shared variable "${this.name}"`;
  }
}

export interface SharedOptions<D extends DType = DType> {
  readonly name?: string;
  /** Default: that of an array given as the value, else float32. */
  readonly dtype?: D;
}

/**
 * A shared variable that begins with `value`.
 * @example const W = shared([[0, 1], [1, 0]], { name: "W" });
 * @throws DTypeError INPUT_DTYPE, DTYPE; ShapeError RAGGED; ArgumentError SHARED_OPTION
 */
export function shared<D extends DType = "float32">(
  value: TensorValue<D>,
  options: SharedOptions<D> = {},
): Shared<D> {
  const unknown = unknownOption(options, ["name", "dtype"]);
  if (unknown !== undefined)
    throw new ArgumentError("SHARED_OPTION", `shared ${unknown.problem}`, unknown);
  const dtype = options.dtype ?? (value instanceof NDArray ? value.dtype : defaultDType<D>());
  if (!isDType(dtype))
    throw new DTypeError("DTYPE", `there is no dtype ${JSON.stringify(dtype)}`, {
      hint: "the dtypes are float32, float64, int32 and bool",
    });
  const label =
    options.name === undefined ? "a shared variable" : `shared variable "${options.name}"`;
  return new Shared(toNDArray({ label, dtype }, value), options.name);
}

/** D is float32 wherever neither the value nor the options say otherwise. */
function defaultDType<D extends DType>(): D {
  return "float32" as DType as D;
}
