/** The functions users call for elementwise ops: numbers become constants, dtypes meet, and the record is at hand as `.op`. */
import { DTypeError } from "../errors/errors.ts";
import { isFloating, type DType, type Promote } from "../graph/dtype.ts";
import { applyOne } from "../graph/op.ts";
import { Tensor } from "../graph/tensor.ts";
import { requireOperand } from "./constant.ts";
import { elementwise, type ElementwiseSpec } from "./elementwise.ts";
import {
  asTensor,
  commonDType,
  toFloat,
  toTensor,
  type FloatOf,
  type Operand,
  type WithNumber,
} from "./operand.ts";
import type { OpRecord } from "./record.ts";
import { describeTyped } from "./shape.ts";

interface HasRecord {
  readonly op: OpRecord<null>;
}

/** A function of one tensor that keeps its dtype. */
export interface Unary extends HasRecord {
  <D extends DType>(x: Tensor<D>): Tensor<D>;
  (x: Operand): Tensor;
}

/** A function of one tensor with floating values: int32 and bool become float32. */
export interface FloatUnary extends HasRecord {
  <D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
  (x: Operand): Tensor;
}

/** A function of two tensors that meet in the higher dtype; numbers take the dtype of their partner. */
export interface Binary extends HasRecord {
  <D extends DType, E extends DType>(x: Tensor<D>, y: Tensor<E>): Tensor<Promote<D, E>>;
  <D extends DType>(x: Tensor<D>, y: number): Tensor<WithNumber<D>>;
  <D extends DType>(x: number, y: Tensor<D>): Tensor<WithNumber<D>>;
  (x: Operand, y: Operand): Tensor;
}

/** A function of two tensors with floating values. */
export interface FloatBinary extends HasRecord {
  <D extends DType, E extends DType>(x: Tensor<D>, y: Tensor<E>): Tensor<FloatOf<Promote<D, E>>>;
  <D extends DType>(x: Tensor<D>, y: number): Tensor<FloatOf<D>>;
  <D extends DType>(x: number, y: Tensor<D>): Tensor<FloatOf<D>>;
  (x: Operand, y: Operand): Tensor;
}

/** A comparison. */
export interface Comparison extends HasRecord {
  (x: Operand, y: Operand): Tensor<"bool">;
}

/** What an op does to dtypes that it does not compute with. */
export type DTypeRule = "any" | "noBool" | "float" | "noFloat";

function admit(name: string, rule: DTypeRule, dtype: DType, operands: readonly Operand[]): DType {
  if (rule === "float" && !isFloating(dtype)) return "float32";
  const refused =
    (rule === "noBool" && dtype === "bool") || (rule === "noFloat" && isFloating(dtype));
  if (!refused) return dtype;
  const shown = operands.map((x) => (x instanceof Tensor ? describeTyped(x) : "a number"));
  throw new DTypeError(
    "OPERAND_DTYPE",
    `${name} is not defined for ${dtype}: ${shown.join(" and ")}`,
    {
      hint:
        dtype === "bool"
          ? 'convert it first: cast(x, "int32"), or use and, or, xor, not'
          : 'it takes int32 and bool: cast(x, "int32"), or compare',
    },
  );
}

/** An op on one tensor that keeps its dtype. */
export function unary(name: string, spec: ElementwiseSpec, rule: DTypeRule = "any"): Unary {
  const op = elementwise(name, spec);
  const call = (x: Operand): Tensor => {
    requireOperand(`${name}: argument 1`, x);
    const tensor = asTensor(x);
    return applyOne(op, [toTensor(tensor, admit(name, rule, tensor.dtype, [tensor]))], null);
  };
  return Object.assign(call, { op }) as Unary;
}

/** An op on one tensor with floating values. */
export function floatUnary(name: string, spec: ElementwiseSpec): FloatUnary {
  const op = elementwise(name, spec);
  const call = (x: Operand): Tensor => {
    requireOperand(`${name}: argument 1`, x);
    return applyOne(op, [toFloat(x)], null);
  };
  return Object.assign(call, { op }) as FloatUnary;
}

function binaryCall(op: OpRecord<null>, rule: DTypeRule): (x: Operand, y: Operand) => Tensor {
  return (x, y) => {
    for (const [i, operand] of [x, y].entries())
      requireOperand(`${op.name}: argument ${i + 1}`, operand);
    const dtype = admit(op.name, rule, commonDType([x, y]), [x, y]);
    return applyOne(op, [toTensor(x, dtype), toTensor(y, dtype)], null);
  };
}

/** The constructor of a record with two inputs of one dtype. */
export function binaryOf(op: OpRecord<null>, rule: DTypeRule = "any"): Binary {
  return Object.assign(binaryCall(op, rule), { op }) as Binary;
}

/** An op on two tensors that meet in the higher dtype. */
export function binary(name: string, spec: ElementwiseSpec, rule: DTypeRule = "any"): Binary {
  return binaryOf(elementwise(name, spec), rule);
}

/** An op on two tensors with floating values. */
export function floatBinary(name: string, spec: ElementwiseSpec): FloatBinary {
  const op = elementwise(name, spec);
  return Object.assign(binaryCall(op, "float"), { op }) as FloatBinary;
}

/** A comparison of two tensors. */
export function comparison(
  name: string,
  spec: Pick<ElementwiseSpec, "reference" | "scalar">,
): Comparison {
  const op = elementwise(name, { ...spec, partials: () => [], result: "bool" });
  return Object.assign(binaryCall(op, "any"), { op }) as Comparison;
}
