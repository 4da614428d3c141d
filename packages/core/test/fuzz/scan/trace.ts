/** A random scan as a plain loop over numbers: which steps each sequence takes. */
import { batch, reach, type Plan } from "./plan.ts";
import { initialValues, scaleOfW, xValue } from "./values.ts";

export interface Trace {
  /** Steps that the loop runs. */
  readonly ran: number;
  /** For each sequence the steps that it takes: t counts steps of the loop, s is the place in the sequence. */
  readonly taken: readonly (readonly Visit[])[];
}
export interface Visit {
  readonly t: number;
  readonly s: number;
  readonly resets: boolean;
}

/** @param scale what w is multiplied by */
export function trace(plan: Plan, scale: number): Trace {
  const steps = plan.rows - reach(plan.sequenceTaps).span;
  const taken = Array.from({ length: batch }, (): Visit[] => []);
  const past = Array.from({ length: batch }, (_, b) => initialValues(b));
  const done = Array.from({ length: batch }, () => false);
  const visited = Array.from({ length: batch }, (_, b) => visitedBy(plan, b));
  for (let t = 0; t < steps; t++) {
    const over = past.map((own, b) => {
      const s = visited[b]?.[t];
      const isTaken = s !== undefined && isValid(plan, b, s) && done[b] !== true;
      const resets = isTaken && plan.resets?.[s]?.[b] === true;
      if (resets) own.splice(0, own.length, ...initialValues(b));
      const h = step(plan, scale, s !== undefined && isValid(plan, b, s) ? s : undefined, b, own);
      if (isTaken) {
        own.push(h);
        taken[b]?.push({ t, s, resets });
        done[b] = plan.until === "rows" && h > plan.limit;
      }
      return h > plan.limit;
    });
    if (plan.until === "all" && over.every((x) => x)) return { ran: t + 1, taken };
  }
  return { ran: steps, taken };
}

/** The new state, from rows of zeros where there is no place to read. */
function step(
  plan: Plan,
  scale: number,
  s: number | undefined,
  b: number,
  past: readonly number[],
): number {
  const { back } = reach(plan.sequenceTaps);
  let [fromX, h] = [0, 0];
  for (const [k, tap] of plan.sequenceTaps.entries())
    fromX += s === undefined ? 0 : (0.5 + 0.3 * k) * xValue((s + tap + back) * batch + b);
  for (const [k, tap] of plan.stateTaps.entries()) h += (0.7 - 0.4 * k) * (past.at(tap) ?? 0);
  const times = plan.nesting === "inner" ? 2 : 1;
  for (let i = 0; i < times; i++) h = Math.tanh(fromX + h * scaleOfW * scale);
  return h;
}

/** True where all that step `s` reads of sequence `b` is valid. */
function isValid(plan: Plan, b: number, s: number): boolean {
  const { back } = reach(plan.sequenceTaps);
  return [0, ...plan.sequenceTaps].every((tap) => plan.mask[s + tap + back]?.[b] === true);
}

/** Places in the order in which the loop visits them. */
function visitedBy(plan: Plan, b: number): readonly number[] {
  const steps = plan.rows - reach(plan.sequenceTaps).span;
  const order = Array.from({ length: steps }, (_, s) => s);
  if (!plan.goBackwards) return order;
  const last = Math.max(-1, ...order.filter((s) => isValid(plan, b, s)));
  return (plan.padding === "none" ? order : order.slice(0, last + 1)).toReversed();
}
