/** The same loop written out step by step, each sequence by itself: what scan must be equal to. */
import { add, constant, index, stack, stopGradient, zeros } from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { advance, type Model, type Results } from "./model.ts";
import { batch, reach, type Plan } from "./plan.ts";
import { trace } from "./trace.ts";
import { outerScales } from "./values.ts";

/** The results, or where the scan is nested their sums over the steps of the scan around it. */
export function writtenOut(plan: Plan, model: Model): Results {
  if (plan.nesting !== "outer") return single(plan, model, 1, false);
  const runs = outerScales.map((scale) =>
    single(plan, { ...model, w: model.w.mul(scale) }, scale, true),
  );
  const total = (key: keyof Results): Tensor =>
    runs.map((run) => run[key]).reduce((a, b) => add(a, b));
  return { h: total("h"), y: total("y"), finalH: total("finalH"), finalY: total("finalY") };
}

/** `keepsRows`: the histories have all rows, zero after the end, as inside another scan. */
function single(plan: Plan, model: Model, scale: number, keepsRows: boolean): Results {
  const { back, span } = reach(plan.sequenceTaps);
  const { ran, taken } = trace(plan, scale);
  const length = keepsRows ? plan.rows - span : ran;
  const zero = constant(0, plan.dtype);
  const columns = taken.map((visits, b) => {
    const first = [0, 1, 2].map((r) => index(model.initial, r, b));
    const live = plan.truncateGradient < 0 ? visits : visits.slice(-plan.truncateGradient);
    const past = [...first];
    const rows = Array.from({ length }, () => [zero, zero] as readonly [Tensor, Tensor]);
    let finalY: Tensor = zero;
    for (const visit of visits) {
      if (visit.resets) past.splice(0, past.length, ...first);
      const made = advance(
        model,
        plan.sequenceTaps.map((tap) => index(model.x, visit.s + tap + back, b)),
        plan.stateTaps.map((tap) => past.at(tap) ?? zero),
        plan.nesting === "inner" ? "written out" : undefined,
      );
      const cut = (z: Tensor): Tensor => (live.includes(visit) ? z : stopGradient(z));
      const [h, y] = [cut(made.h), cut(made.y)];
      past.push(h);
      finalY = y;
      rows[visit.t] = [h, y];
    }
    return { rows, finalH: past.at(-1) ?? zero, finalY };
  });
  const history = (k: 0 | 1): Tensor =>
    length === 0
      ? zeros([0, batch], plan.dtype)
      : stack(
          columns.map(({ rows }) => stack(rows.map((row) => row[k]))),
          1,
        );
  return {
    h: history(0),
    y: history(1),
    finalH: stack(columns.map((c) => c.finalH)),
    finalY: stack(columns.map((c) => c.finalY)),
  };
}
