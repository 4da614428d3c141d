/** A random scan as a user writes it. */
import {
  add,
  all,
  constant,
  index,
  scan,
  stepResult,
  type ScanOptions,
  type Tensor,
} from "../../../src/index.ts";
import { advance, exceeds, initialState, type Model, type Results } from "./model.ts";
import { batch, countTrue, type Bits, type Plan } from "./plan.ts";
import { outerScales } from "./values.ts";

/** The scan, or where it is nested the sums of its results over the steps of the scan around it. */
export function withScan(plan: Plan, model: Model, memory?: number): Results {
  if (plan.nesting !== "outer") return single(plan, model, memory);
  const { outputs } = scan(
    (scale) => {
      const { h, y, finalH, finalY } = single(plan, { ...model, w: model.w.mul(scale) }, memory);
      return [h, y, finalH, finalY];
    },
    { sequences: constant(outerScales, plan.dtype) },
  );
  const [h, y, finalH, finalY] = outputs.map((rows) => total(rows));
  if (h === undefined || y === undefined || finalH === undefined || finalY === undefined)
    throw new Error("an output is missing");
  return { h, y, finalH, finalY };
}

const total = (rows: Tensor): Tensor =>
  outerScales.map((_, i): Tensor => index(rows, i)).reduce((a, b) => add(a, b));

const bits = (plan: Plan, rows: Bits): Tensor<"bool"> =>
  constant(rows.length === 0 ? [] : rows, "bool").reshape([plan.rows, batch]);

/** The options that the plan says. */
function optionsOf(plan: Plan): ScanOptions {
  return {
    goBackwards: plan.goBackwards,
    truncateGradient: plan.truncateGradient,
    ...(plan.padding === "lengths" ? { lengths: constant(countTrue(plan.mask), "int32") } : {}),
    ...(plan.padding === "mask" ? { mask: bits(plan, plan.mask) } : {}),
    ...(plan.resets === undefined ? {} : { resets: bits(plan, plan.resets) }),
  };
}

function single(plan: Plan, model: Model, memory: number | undefined): Results {
  const xs = plan.sequenceTaps.length;
  const inner = plan.nesting === "inner" ? "scan" : undefined;
  const { outputs, final } = scan(
    (...rows: readonly Tensor[]) => {
      const { h, y } = advance(model, rows.slice(0, xs), rows.slice(xs), inner);
      const until = exceeds(h, plan.limit);
      if (plan.until === "none") return [h, y] as const;
      return stepResult([h, y] as const, { until: plan.until === "rows" ? until : all(until) });
    },
    {
      sequences: { input: model.x, taps: plan.sequenceTaps },
      outputsInfo: [initialState(plan, model), null],
      ...optionsOf(plan),
      ...(memory === undefined ? {} : { memory }),
    },
  );
  const [h, y] = outputs;
  const [finalH, finalY] = final;
  return { h, y, finalH, finalY };
}
