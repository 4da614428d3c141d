/** Builders for loops that end by a condition. */
import { scan, sqr, stepResult, sum } from "../../src/index.ts";
import { gradients, type Builder } from "./golden.ts";

export const untilCases: Readonly<Record<string, Builder>> = {
  "grad-until-with-state-early-stop": (make) => {
    const [x, w, h0] = make.all("x", "w", "h0");
    const { outputs: h } = scan(
      (v, before) => {
        const after = before.mul(w).add(v);
        return stepResult(after, { until: after.gt(4) });
      },
      { sequences: x, outputsInfo: h0 },
    );
    const cost = sum(sqr(h));
    return { outputs: { cost, h, ...gradients(cost, { x, w, h0 }) } };
  },
  "until-truncated-gradient-taps": (make) => {
    const [x, u] = make.all("x", "u");
    const { outputs: r } = scan((past, now) => stepResult(past.mul(now), { until: now.gt(u) }), {
      sequences: { input: x, taps: [-2, 0] },
      truncateGradient: 3,
    });
    const cost = sum(r);
    return { outputs: { cost, r, ...gradients(cost, { x }) } };
  },
  "until-with-updates": (make) => {
    const k = make.shared("k");
    const { outputs: y, updates } = scan(
      (before) => {
        const after = before.add(k);
        return stepResult(after, { updates: [[k, k.add(1)]], until: after.gt(9) });
      },
      { outputsInfo: 0, nSteps: 100 },
    );
    return { outputs: { y }, updates };
  },
};
