/** A tensor that shows its value when it is computed. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { isFloating, type DType } from "../graph/dtype.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { unaryInput } from "./arity.ts";
import { requireOperand } from "./constant.ts";
import { defineRecord, type OpRecord } from "./record.ts";

interface PrintParams {
  readonly label: string;
  /** What the cotangent is shown as; undefined: it is not shown. */
  readonly gradient: string | undefined;
}

export const printOp: OpRecord<PrintParams> = defineRecord<PrintParams>({
  name: "printValue",
  infer: (inputs) => ({ types: [unaryInput(inputs).type] }),
  reference(inputs, { label }, context) {
    const value = unaryInput(inputs);
    context.print(label, value);
    return [value];
  },
  vjp: (_context, { params: { gradient } }, [cotangent]) => [
    cotangent === undefined || gradient === undefined
      ? cotangent
      : applyOne(printOp, [cotangent], { label: gradient, gradient: undefined }),
  ],
  jvp: (_context, _apply, [tangent]) => [tangent],
  lowering: { kind: "print", label: ({ params }) => params.label },
  cost: "expensive",
  effectful: true,
});

export interface PrintOptions {
  /** Also show the cotangent that reaches `x` in a backward pass, as "gradient of <label>". Default: false. */
  readonly gradient?: boolean;
}

/**
 * `x`, whose value is shown under `label` whenever it is computed: in a step of a scan at every step, with its number. Nothing
 * is shown where nothing needs the result. Values go to the console, or where `compile({ onPrint })` says.
 * @example const h = printValue(tanh(x.dot(W)), "h", { gradient: true });
 * @throws ArgumentError PRINT_LABEL, PRINT_OPTION
 */
export function printValue<D extends DType>(
  x: Tensor<D>,
  label: string,
  options?: PrintOptions,
): Tensor<D>;
export function printValue(x: Tensor, label: string, options: PrintOptions = {}): Tensor {
  requireOperand("printValue", x);
  const given: unknown = label;
  if (typeof given !== "string")
    throw new ArgumentError("PRINT_LABEL", `printValue: the label is ${typeof given}`, {
      hint: 'give the words to show before the value: printValue(h, "h")',
    });
  const unknown = unknownOption(options, ["gradient"]);
  if (unknown !== undefined)
    throw new ArgumentError("PRINT_OPTION", `printValue ${unknown.problem}`, unknown);
  const gradient = options.gradient === true && isFloating(x.dtype);
  return applyOne(printOp, [x], {
    label,
    gradient: gradient ? `gradient of ${label}` : undefined,
  });
}
