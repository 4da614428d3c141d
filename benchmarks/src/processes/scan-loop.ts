/** The same recurrence as a scan and as loops in JavaScript around a compiled step, in turns. Arguments: units, the effort. */
import { compile, shared, tensor } from "@scan-train/core";
import { report } from "../fresh-process.ts";
import { symmetric } from "../numbers.ts";
import { loopSteps, type LoopResult } from "../scan-cost.ts";
import { summarize } from "../statistics.ts";
import { inputSize, tanhNetwork, unrolled } from "../tanh-network.ts";
import { runInTurns, warmUp } from "../turns.ts";

const [units, effort] = process.argv.slice(2);
const H = Number(units);
const network = tanhNetwork(H);
const data = symmetric(10, [loopSteps, 1, inputSize], 1);
const rows = Array.from({ length: loopSteps }, (_, t) => ({
  data: data.data.subarray(t * inputSize, (t + 1) * inputSize),
  shape: [1, inputSize],
}));
const start = { data: new Float32Array(H), shape: [1, H] };

const { x, final } = unrolled(network, H, ["T", 1]);
const whole = await compile({ inputs: { x }, outputs: { final } });

/** The state comes in and goes out with each call. */
const [row, before] = [
  tensor("row", { shape: [1, inputSize] }),
  tensor("before", { shape: [1, H] }),
];
const after = network.step(row, before);
const passed = await compile({ inputs: { row, before }, outputs: { after } });

/** The state stays in a shared variable. */
const state = shared(start, { name: "state" });
const kept = await compile({ inputs: { row }, updates: [[state, network.step(row, state)]] });

const first = (array: { readonly data: ArrayLike<unknown> }): number => Number(array.data[0]);
const contestants = [
  { name: "scan", step: () => first(whole({ x: data }).final) },
  {
    name: "a loop that passes the state",
    step: () => {
      let h: typeof start | ReturnType<typeof passed>["after"] = start;
      for (const one of rows) h = passed({ row: one, before: h }).after;
      return first(h);
    },
  },
  {
    name: "a loop around a state that stays",
    step: () => {
      state.set(start);
      for (const one of rows) kept({ row: one });
      return first(state.get());
    },
  },
];
const [wanted = NaN, ...others] = contestants.map(({ step }) => step());
for (const got of others)
  if (!(Math.abs(got - wanted) < 1e-5)) throw new Error(`${got}, and the scan gives ${wanted}`);
for (const { step } of contestants) warmUp(step, 300);
const samples = runInTurns(contestants, { turns: effort === "quick" ? 3 : 8, turnTime: 100 });
const result: LoopResult = {
  H,
  ways: contestants.map(({ name }, i) => ({ name, summary: summarize(samples[i] ?? []) })),
};
report(result);
