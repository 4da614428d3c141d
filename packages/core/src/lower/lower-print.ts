/** A tensor that the host is shown: its elements in order, after the steps of the loops around it. */
import { InternalError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import { recordOf } from "../ops/record.ts";
import { inputOf, outputOf, type Region } from "./region.ts";

export function lowerPrint(region: Region, apply: Apply): void {
  const { lowering } = recordOf(apply);
  if (lowering.kind !== "print") throw new InternalError(`${apply.op.name} shows nothing`);
  const [input, output] = [inputOf(apply, 0), outputOf(apply)];
  const view = region.materialize(input, true);
  for (const { loop, row } of region.rows)
    region.body.push({
      kind: "host",
      event: region.builder.event({ kind: "row", loop }),
      buffer: undefined,
      index: row,
    });
  region.body.push({
    kind: "host",
    event: region.builder.event({
      kind: "print",
      label: lowering.label(apply),
      dtype: input.dtype,
      shape: input.shape,
    }),
    buffer: view.buffer,
    index: view.offset,
  });
  const [place] = region.destinationsOf(output);
  if (place === undefined) throw new InternalError("a print without a place");
  region.storeInto(input, [place]);
  region.finish(output, place);
}
