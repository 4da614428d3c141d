/** The words for where a wrong value came from. */
import { ownerOf } from "../../graph/op.ts";
import { valueAt } from "../../graph/positions.ts";
import { describe } from "../../graph/tensor.ts";
import { recordOf } from "../../ops/record.ts";
import { scanLabel } from "../../ops/scan/scan-params.ts";
import { elementsRead } from "./source-element.ts";
import { valueIn, type Scope, type Spot } from "./spot.ts";

/** What made the value, and the lines that say where: place, pass, steps, element, what the op was given. */
export interface OriginWords {
  readonly made: string;
  readonly notes: readonly string[];
}

export function describeOrigin({ tensor, element, scope }: Spot): OriginWords {
  const apply = ownerOf(tensor);
  const where = [...stepLines(scope), ...elementLine(element, scope)];
  if (apply === undefined) return { made: `which came in with ${describe(tensor)}`, notes: where };
  const { site, op } = apply;
  const passes = {
    value: `computed at ${site.toString()}`,
    backward: `in the backward pass of what is computed at ${site.toString()}`,
    tangent: `in the forward derivative of what is computed at ${site.toString()}`,
  };
  const isScalar = recordOf(apply).lowering.kind === "scalar";
  const read = elementsRead(apply, element, scope);
  const given = apply.inputs.map((x, i) => {
    const value = isScalar ? ` = ${valueAt(valueIn(scope, x), read[i] ?? [])}` : "";
    return `${describe(x)}${value}`;
  });
  return {
    made: `made by ${op.name}`,
    notes: [passes[site.pass], ...where, `${op.name} of ${given.join(" and ")}`],
  };
}

/** `in step 3 of 10 of scan "rnn"`, outermost last. */
function stepLines({ step }: Scope): string[] {
  if (step === undefined) return [];
  const { loop, row, steps } = step;
  return [
    `in step ${row} (of 0 to ${steps - 1}) of ${scanLabel(loop.params.name)} at ${loop.site.toString()}`,
    ...stepLines(step.outer),
  ];
}

function elementLine(element: readonly number[], { step }: Scope): string[] {
  if (element.length === 0) return [];
  const row = step === undefined ? "" : `, row ${element[0] ?? 0}`;
  return [`element [${element.join(", ")}]${row}`];
}
