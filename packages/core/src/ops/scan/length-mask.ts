/** Which rows of a padded batch are valid, from the lengths of its sequences. */
import { ArgumentError } from "../../errors/errors.ts";
import { generate } from "../../graph/ndarray.ts";
import { applyOne } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { compare, literal, positionOf } from "../../loop-ir/build.ts";
import { constantIndex, indexOf } from "../../loop-ir/index-expr.ts";
import { constantSize, type Size } from "../../size/size.ts";
import { inputAt, unaryInput } from "../arity.ts";
import { defineRecord, type Failure } from "../record.ts";

interface LengthMaskParams {
  /** How many rows there are: no length may be greater. */
  readonly rows: Size;
  /** How messages begin: `scan "tagger": lengths "n"`. */
  readonly label: string;
}

const tooLong = (label: string, rows: Size): string =>
  `${label} exceeds the ${rows.toString()} rows of the sequences`;
const negative = (label: string): string => `${label} is negative`;
const failure = (message: string): Failure => ({ code: "SCAN_LENGTHS", message });

export const lengthMaskOp = defineRecord<LengthMaskParams>({
  name: "lengthMask",
  infer: (inputs, { rows }) => ({
    types: [{ dtype: "bool", shape: [rows, unaryInput(inputs).shape[0] ?? constantSize(1)] }],
  }),
  reference(inputs, { rows, label }, context) {
    const lengths = unaryInput(inputs);
    const limit = context.size(rows);
    for (const [b, n] of lengths.data.entries()) {
      if (n >= 0 && n <= limit) continue;
      throw new ArgumentError("SCAN_LENGTHS", n < 0 ? negative(label) : tooLong(label, rows), {
        notes: [`lengths[${b}] = ${n}, ${limit} rows`],
      });
    }
    return [
      generate("bool", [limit, lengths.data.length], (i) =>
        Number(Math.floor(i / lengths.data.length) < (lengths.data[i % lengths.data.length] ?? 0)),
      ),
    ];
  },
  vjp: () => [undefined],
  jvp: () => [undefined],
  lowering: {
    kind: "element",
    element: ({ index, read }) =>
      compare("lt", positionOf(inputAt(index, 0)), read(0, [inputAt(index, 1)])),
    checks({ apply, read, loop, fail }) {
      const { rows, label } = apply.params;
      const sequences = unaryInput(apply.inputs).shape[0] ?? constantSize(1);
      return [
        loop("b", sequences, false, (b) => {
          const length = read(0, [indexOf(b)]);
          return [
            fail(compare("lt", length, literal("i32", 0)), failure(negative(label))),
            fail(
              compare("lt", positionOf(constantIndex(rows)), length),
              failure(tooLong(label, rows)),
            ),
          ];
        }),
      ];
    },
  },
  cost: "cheap",
});

/** `[T, B]`: true where t < lengths[b]. The call fails when a length is negative or exceeds `rows`. */
export function lengthMask(lengths: Tensor, rows: Size, label: string): Tensor<"bool"> {
  return applyOne(lengthMaskOp, [lengths], { rows, label }) as Tensor<"bool">;
}
