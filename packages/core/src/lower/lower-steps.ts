/** Runs through a plan: every step becomes statements. */
import { InternalError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import { recordOf } from "../ops/record.ts";
import { lowerChecks, lowerGroup, lowerKernel, lowerReduce, lowerUpdate } from "./lower-group.ts";
import { lowerMatmul } from "./lower-matmul.ts";
import { lowerPrefix } from "./lower-prefix.ts";
import { lowerPrint } from "./lower-print.ts";
import { inputOf, outputOf, type Region } from "./region.ts";
import { reshapeView, rowMajor, subView } from "./view.ts";

/** How a scan is lowered; handed in because a loop's body consists of steps again. */
export type LowerLoop = (
  region: Region,
  apply: Apply,
  lowerSteps: (region: Region) => void,
) => void;

export function lowerSteps(region: Region, lowerLoop: LowerLoop): void {
  for (const step of region.plan.steps) {
    if (step.kind === "group") lowerGroup(region, step);
    else if (step.kind === "check") lowerChecks(region, step.apply);
    else lowerSingle(region, step.apply, lowerLoop);
  }
}

function lowerSingle(region: Region, apply: Apply, lowerLoop: LowerLoop): void {
  const { kind } = recordOf(apply).lowering;
  switch (kind) {
    case "reduce":
      return lowerReduce(region, apply);
    case "kernel":
      return lowerKernel(region, apply);
    case "prefix":
      return lowerPrefix(region, apply);
    case "update":
      return lowerUpdate(region, apply);
    case "matmul":
      return lowerMatmul(region, apply);
    case "reshape":
      return lowerReshape(region, apply);
    case "assemble":
      return lowerAssemble(region, apply);
    case "print":
      return lowerPrint(region, apply);
    case "loop":
      return lowerLoop(region, apply, (inner) => lowerSteps(inner, lowerLoop));
    case "scalar":
    case "element":
    case "view":
      throw new InternalError(`op ${apply.op.name} belongs into a group`);
    case "block":
      throw new InternalError(`op ${apply.op.name} was not replaced by its block`);
    default:
      kind satisfies never;
  }
}

/** The same memory under another shape. */
function lowerReshape(region: Region, apply: Apply): void {
  const output = outputOf(apply);
  const input = inputOf(apply, 0);
  const inPlace = reshapeView(region.materialize(input), output.shape);
  const dense = inPlace ?? {
    ...region.materialize(input, true),
    shape: output.shape,
    strides: rowMajor(output.shape),
  };
  region.finish(output, dense);
}

/** Pieces that were not made in place are copied to their places. */
function lowerAssemble(region: Region, apply: Apply): void {
  const { lowering } = recordOf(apply);
  if (lowering.kind !== "assemble") throw new InternalError(`${apply.op.name} assembles nothing`);
  const output = outputOf(apply);
  const [whole] = region.destinationsOf(output);
  if (whole === undefined) throw new InternalError("an assembly without a place");
  for (const [i, start] of lowering.offsets(apply).entries()) {
    const piece = inputOf(apply, i);
    const place = subView(whole, start, piece.shape);
    if (!region.isAt(piece, place)) region.storeInto(piece, [place]);
  }
  region.finish(output, whole);
}
