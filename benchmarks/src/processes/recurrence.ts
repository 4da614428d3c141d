/** Every pair of ways in turns, after a look at whether they give the same. Argument: the effort. */
import {
  associativeScan,
  compile,
  grad,
  scan,
  sqr,
  sum,
  tanh,
  tensor,
  type Tensor,
} from "@scan-train/core";
import { report } from "../fresh-process.ts";
import { recurrenceSteps, type RecurrenceResult } from "../recurrence.ts";
import { summarize } from "../statistics.ts";
import { runInTurns, warmUp, type Contestant } from "../turns.ts";

interface Pair {
  readonly a: Tensor<"float32">;
  readonly h: Tensor<"float32">;
}
const vector = (name: string): Tensor<"float32"> => tensor(name, { shape: ["T"] });
const [a, x] = [vector("a"), vector("x")];
const loop = scan((at = a, xt = x, state = x) => at.mul(state).add(xt), {
  sequences: [a, x],
  outputsInfo: 0,
}).outputs;
const { h } = associativeScan(
  (left: Pair, right: Pair): Pair => ({
    a: left.a.mul(right.a),
    h: right.a.mul(left.h).add(right.h),
  }),
  { a, h: x },
);
const formula = (row: Tensor<"float32">): Tensor<"float32"> => tanh(row).mul(0.5).add(row);
const steps = scan((row = x) => formula(row), { sequences: x }).outputs;

const squares = (y: Tensor): Tensor => {
  const cost = sum(sqr(y));
  return sum(grad(cost, a)).add(sum(grad(cost, x)));
};
const pairs = [
  { what: "the sum of h", ways: { loop: sum(loop), associative: sum(h) } },
  { what: "h", ways: { loop, associative: h } },
  { what: "gradients", ways: { loop: squares(loop), associative: squares(h) } },
  { what: "no recurrence", ways: { steps: sum(steps), expression: sum(formula(x)) } },
];

const filled = (f: (t: number) => number) => ({
  data: Float32Array.from({ length: recurrenceSteps }, (_, t) => f(t)),
  shape: [recurrenceSteps],
});
const values = { a: filled((t) => 0.9 + 0.05 * Math.sin(t)), x: filled((t) => Math.cos(t)) };

async function contestant(name: string, result: Tensor): Promise<Contestant> {
  const call = await compile({
    inputs: { a, x },
    outputs: { result },
    numerics: "fast",
    unusedInputs: "ignore",
  });
  return { name, step: () => call(values).result.data.at(-1) ?? NaN };
}

const quick = process.argv[2] === "quick";
const results: RecurrenceResult[] = [];
for (const { what, ways } of pairs) {
  const contestants = await Promise.all(
    Object.entries(ways).map(([name, result]) => contestant(name, result)),
  );
  const [wanted = NaN, got = NaN] = contestants.map(({ step }) => step());
  if (!(Math.abs(got - wanted) <= 1e-5 * (1 + Math.abs(wanted))))
    throw new Error(`${what}: ${got} and should be ${wanted}`);
  for (const { step } of contestants) warmUp(step, 300);
  const samples = runInTurns(contestants, { turns: quick ? 3 : 9, turnTime: 200 });
  results.push({
    what,
    ways: contestants.map(({ name }, i) => ({ name, summary: summarize(samples[i] ?? []) })),
  });
}
report(results);
