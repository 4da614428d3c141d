/** Labels of sequences that hold blanks where they have ended, after a look at what they hold before. */
import { ArgumentError } from "../errors/errors.ts";
import { generate } from "../graph/ndarray.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary, compare, literal, positionOf, select } from "../loop-ir/build.ts";
import { constantIndex } from "../loop-ir/index-expr.ts";
import type { Size } from "../size/size.ts";
import { binaryInputs, unaryInput } from "./arity.ts";
import { defineRecord } from "./record.ts";
import { loopOver } from "./slice.ts";

interface CtcLabelsParams {
  readonly blank: number;
  readonly classes: Size;
  /** How messages begin: `ctcLoss: labels "y"`. */
  readonly label: string;
}

const isBlank = ({ label, blank }: CtcLabelsParams): string =>
  `${label} hold the blank, ${blank}, which stands for no label; leave it out, or give another class as blank`;
const isOutside = ({ label, classes }: CtcLabelsParams): string =>
  `${label} hold what is no class: classes are 0 .. C - 1, and C is ${classes.toString()}`;

export const ctcLabelsOp = defineRecord<CtcLabelsParams>({
  name: "ctcLabels",
  infer: (inputs) => ({ types: [unaryInput(inputs).type] }),
  reference(inputs, params, context) {
    const [labels, valid] = binaryInputs(inputs);
    const classes = context.size(params.classes);
    const [, width = 1] = labels.shape;
    return [
      generate("int32", labels.shape, (i) => {
        const id = labels.data[i] ?? 0;
        if (valid.data[i] !== 1) return params.blank;
        if (id !== params.blank && id >= 0 && id < classes) return id;
        throw new ArgumentError("CTC_LABEL", (id === params.blank ? isBlank : isOutside)(params), {
          notes: [`labels[${Math.floor(i / width)}, ${i % width}] = ${id}`],
        });
      }),
    ];
  },
  vjp: () => [undefined, undefined],
  jvp: () => [undefined],
  lowering: {
    kind: "element",
    element: ({ apply, index, read }) =>
      select(read(1, index), read(0, index), literal("i32", apply.params.blank)),
    checks: (context) => {
      const { params, inputs } = context.apply;
      return loopOver(context, unaryInput(inputs).shape, (index) => {
        const [id, valid] = [context.read(0, index), context.read(1, index)];
        const outside = binary(
          "or",
          compare("lt", id, literal("i32", 0)),
          compare("le", positionOf(constantIndex(params.classes)), id),
        );
        const blank = compare("eq", id, literal("i32", params.blank));
        return [
          context.fail(binary("and", valid, blank), {
            code: "CTC_LABEL",
            message: isBlank(params),
          }),
          context.fail(binary("and", valid, outside), {
            code: "CTC_LABEL",
            message: isOutside(params),
          }),
        ];
      });
    },
  },
  cost: "cheap",
});

/** `labels` `[B, L]` where `valid` `[B, L]` is true, blanks elsewhere. The call fails where a valid one is the blank or no class. */
export function ctcLabels(labels: Tensor, valid: Tensor, params: CtcLabelsParams): Tensor {
  return applyOne(ctcLabelsOp, [labels, valid], params);
}
