/** Where things lie: a shard's sums and gradients, the shared variables of all programs. */
import type { Shared } from "@scan-train/core";
import { bytesOf, type CompiledPlan } from "@scan-train/core/backend-kit";
import { alignUp } from "../compute/memory.ts";
import type { Program, SlotEntry, SlotLayout, StateOffsets, Stripe } from "../compute/work.ts";
import { gradientName } from "./programs.ts";
import { elementsOf, stateBytes } from "./state-values.ts";

/** Elements of a stripe: large enough to be worth a claim, small enough to share out. */
const stripeElements = 16384;
const mostStripes = 64;

/** The layout of a slot for these sums and parameters. */
export function slotLayout(sumNames: readonly string[], parameters: readonly Shared[]): SlotLayout {
  // A status word comes first.
  let offset = 8;
  const sums = sumNames.map((name): SlotEntry => {
    const entry: SlotEntry = { name, dtype: "float64", offset, count: 1 };
    offset += 8;
    return entry;
  });
  const gradients: SlotEntry[] = [];
  const stripes: Stripe[] = [];
  for (const dtype of ["float32", "float64"] as const) {
    offset = alignUp(offset);
    const start = offset;
    for (const [i, parameter] of parameters.entries()) {
      if (parameter.dtype !== dtype) continue;
      const count = elementsOf(parameter);
      gradients.push({ name: gradientName(i), dtype, offset, count });
      offset = alignUp(offset + count * bytesOf[dtype]);
    }
    stripes.push(...cutStripes(dtype, start, (offset - start) / bytesOf[dtype]));
  }
  return { bytes: alignUp(offset), sums, gradients, stripes };
}

function cutStripes(dtype: "float32" | "float64", start: number, elements: number): Stripe[] {
  const bytes = bytesOf[dtype];
  const most = alignUp(Math.max(stripeElements, Math.ceil(elements / mostStripes)) * bytes) / bytes;
  return Array.from({ length: Math.ceil(elements / most) }, (_, i) => ({
    dtype,
    offset: start + i * most * bytes,
    count: Math.min(most, elements - i * most),
  }));
}

/** All shared variables of the programs, parameters first, and where each lies in a copy of the state. */
export interface StateVariables extends StateOffsets {
  readonly variables: readonly Shared[];
}

export function stateVariables(
  parameters: readonly Shared[],
  plans: readonly CompiledPlan[],
): StateVariables {
  const variables = [...new Set([...parameters, ...plans.flatMap((plan) => plan.shared)])];
  let bytes = 0;
  const offsets = variables.map((variable) => {
    const offset = bytes;
    bytes += alignUp(stateBytes(variable));
    return offset;
  });
  return { variables, offsets, bytes };
}

/** A compiled plan as workers take it. */
export function programOf(
  { module, plan, shared }: CompiledPlan,
  variables: readonly Shared[],
): Program {
  return { module, plan, state: shared.map((variable) => variables.indexOf(variable)) };
}
