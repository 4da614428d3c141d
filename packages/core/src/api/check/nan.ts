/** `check: "nan"`: no result of a call may hold NaN, and where one does, what made the first. */
import { NumericError } from "../../errors/errors.ts";
import { evaluateGraph, type Sizes } from "../../graph/evaluate.ts";
import type { NDArray } from "../../graph/ndarray.ts";
import { ownerOf } from "../../graph/op.ts";
import { elementAt, valueAt } from "../../graph/positions.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { inlineBlocks } from "../../rewrite/inline-blocks.ts";
import { describeOrigin } from "./describe-origin.ts";
import { sourceElement } from "./source-element.ts";
import { valueIn, type Spot } from "./spot.ts";
import { traceOrigin } from "./trace.ts";

/** A result by the words that messages use: `output "cost"`. */
export type Result = readonly [what: string, tensor: Tensor];

/** One call: the values that inputs have, and those of the results in their order. */
export interface Call {
  readonly label: string;
  readonly given: ReadonlyMap<Tensor, NDArray>;
  readonly sizes: Sizes;
  readonly values: readonly NDArray[];
}

/** @throws NumericError NAN with the op, the user's line, step and element */
export function refuseNaN(results: readonly Result[], { label, given, sizes, values }: Call): void {
  for (const [i, [what, tensor]] of results.entries()) {
    const value = values[i];
    const flat = value?.data.findIndex((x) => Number.isNaN(x)) ?? -1;
    if (value === undefined || flat < 0) continue;
    const known = new Map(given);
    const [plain = tensor] = inlineBlocks([tensor]);
    evaluateGraph([plain], known, sizes);
    throw nanError(`${label}: ${what}`, {
      tensor: plain,
      element: elementAt(value.shape, flat),
      scope: { values: known, sizes },
    });
  }
}

function nanError(what: string, found: Spot): NumericError {
  if (!Number.isNaN(valueOf(found)))
    return new NumericError("NAN", `${what} holds NaN at element [${found.element.join(", ")}]`, {
      notes: ["the reference evaluation has a number there: a value is about to overflow"],
      hint: "look at how large the values are: evaluate() gives any tensor of the graph",
    });
  const origin = traceOrigin(found, Number.isNaN);
  const { made, notes } = describeOrigin(origin);
  return new NumericError("NAN", `${what} holds NaN, ${made}`, {
    notes: [...notes, ...infinityNotes(origin)],
    hint:
      ownerOf(origin.tensor) === undefined
        ? "look for missing values in the data, or in a parameter that an earlier call updated"
        : "choose what the op is given, before it: op(where(isGood, x, 1)); chosen after it, its gradient is still NaN",
  });
}

const isInfinite = (x: number): boolean => Math.abs(x) === Infinity;

/** Where an infinity came from that the op was given. */
function infinityNotes(origin: Spot): string[] {
  const apply = ownerOf(origin.tensor);
  const source = apply && sourceElement({ ...origin, apply }, isInfinite);
  if (source === undefined) return [];
  const { made, notes } = describeOrigin(traceOrigin(source, isInfinite));
  return [`${valueOf(source)}, ${made}`, ...notes.map((note) => `  ${note}`)];
}

const valueOf = ({ tensor, element, scope }: Spot): number =>
  valueAt(valueIn(scope, tensor), element);
