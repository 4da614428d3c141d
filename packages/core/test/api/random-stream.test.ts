/** Streams of random numbers. */
import { describe, expect, test } from "vitest";
import {
  cast,
  compile,
  constant,
  evaluate,
  lt,
  scan,
  sigmoid,
  stepResult,
  transpose,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { foldIn, key, randomStream, uniform } from "../../src/random.ts";
import { messageOf } from "./message-of.ts";
import { message, refusal } from "./refusal.ts";
import { chiSquare, countsOf } from "./same-bits.ts";

describe("a random stream", () => {
  test("draws anew in every draw, call and step, and again from its state", async () => {
    const stream = randomStream(5, "noise");
    const draws = { a: stream.uniform([2]), b: stream.uniform([2]) };
    const call = await compile({ inputs: {}, outputs: draws, updates: stream.updates() });
    const [first, second] = [call({}), call({})];
    const all = [first.a, first.b, second.a, second.b].map((x) => x.toArray());
    expect(new Set(all.map(String)).size).toBe(4);
    expect(stream.state.get().item()).toBe(2);
    stream.state.set(1);
    expect(call({}).a.toArray()).toEqual(second.a.toArray());
    stream.state.set(0);
    expect(evaluate(draws).b.toArray()).toEqual(first.b.toArray());
  });
  test("of every kind", async () => {
    const stream = randomStream(6);
    const outputs = {
      normal: stream.normal([3], { mean: 1, dtype: "float64" }),
      bits: stream.bernoulli(0.5, [4]),
      numbers: stream.randint(2, 5, [50]),
      ids: stream.categorical(zeros([6, 2])),
      order: stream.permutation(5),
    };
    const call = await compile({ inputs: {}, outputs, updates: stream.updates() });
    const wanted = evaluate(outputs);
    const got = call({});
    for (const name of ["bits", "numbers", "ids", "order"] as const)
      expect(got[name].toArray()).toEqual(wanted[name].toArray());
    expect(new Set(got.numbers.data)).toEqual(new Set([2, 3, 4]));
  });
  test("in a step of scan: every step draws, also in the next call", async () => {
    const stream = randomStream(8, "noise");
    const { outputs, updates } = scan(
      () => stepResult(stream.uniform([]), { updates: stream.updates() }),
      { nSteps: 5 },
    );
    const call = await compile({ inputs: {}, outputs: { outputs }, updates });
    const drawn = [...call({}).outputs.data, ...call({}).outputs.data];
    expect(new Set(drawn).size).toBe(10);
    expect(stream.state.get().item()).toBe(10);
  });
  test("Gibbs sampling of a machine is the loop written out over the same draws", async () => {
    const [weights, hiddenBias, visibleBias] = [
      [
        [1.2, -0.7, 0.4],
        [0.3, 0.9, -1.1],
      ],
      [0.2, 0, -0.1],
      [0.1, -0.2],
    ];
    const stream = randomStream(11);
    const W = constant(weights, "float64");
    const draw = (n: number): Tensor => stream.uniform([4, n], { dtype: "float64" });
    const { outputs, updates } = scan(
      (visible: Tensor) => {
        const hidden = cast(lt(draw(3), sigmoid(visible.dot(W).add(hiddenBias))), "float64");
        const mean = sigmoid(hidden.dot(transpose(W)).add(visibleBias));
        return stepResult(cast(lt(draw(2), mean), "float64"), { updates: stream.updates() });
      },
      { outputsInfo: zeros([4, 2], "float64"), nSteps: 8 },
    );
    const call = await compile({ inputs: {}, outputs: { outputs }, updates });
    const chance = (x: number): number => 1 / (1 + Math.exp(-x));
    const drawn = (step: number, i: number, n: number): number[][] =>
      evaluate(
        uniform(foldIn(foldIn(key(11), step), i), [4, n], { dtype: "float64" }),
      ).toArray() as number[][];
    let visible = [0, 1, 2, 3].map(() => [0, 0]);
    const wanted = Array.from({ length: 8 }, (_, step) => {
      const [u, v] = [drawn(step, 0, 3), drawn(step, 1, 2)];
      visible = visible.map((row, b) => {
        const hidden = hiddenBias.map((bias, j) => {
          const total = row.reduce((sum, x, i) => sum + x * (weights[i]?.[j] ?? 0), bias);
          return Number((u[b]?.[j] ?? 1) < chance(total));
        });
        return visibleBias.map((bias, i) => {
          const total = hidden.reduce((sum, x, j) => sum + x * (weights[i]?.[j] ?? 0), bias);
          return Number((v[b]?.[i] ?? 1) < chance(total));
        });
      });
      return visible;
    });
    expect(call({}).outputs.toArray()).toEqual(wanted);
    // The next call goes on with other numbers, from the same start.
    expect(call({}).outputs.toArray()).not.toEqual(wanted);
    expect(stream.state.get().item()).toBe(16);
  });
  test("draws in steps what each kind says, independent from step to step and from draw to draw", () => {
    const stream = randomStream(10);
    const [T, N] = [400, 50];
    const { outputs } = scan(
      () =>
        stepResult(
          {
            uniform: stream.uniform([N], { low: -1, high: 3 }),
            other: stream.uniform([N], { low: -1, high: 3 }),
            normal: stream.normal([N], { mean: 2, deviation: 0.5 }),
            kept: stream.bernoulli(0.3, [N]),
            die: stream.randint(1, 7, [N]),
            chosen: stream.categorical(constant(Array.from({ length: N }, () => [Math.log(3), 0]))),
            order: stream.permutation(5),
          },
          { updates: stream.updates() },
        ),
      { nSteps: T },
    );
    const found = evaluate(outputs);
    const meanOf = (xs: ArrayLike<number>): number =>
      Array.from(xs).reduce((total, x) => total + x, 0) / xs.length;
    const size = T * N;
    /** How many standard errors the mean of `xs` is away from `mean`. */
    const away = (xs: ArrayLike<number>, mean: number, deviation: number): number =>
      Math.abs(meanOf(xs) - mean) / (deviation / Math.sqrt(xs.length));
    const { uniform: u, other: v, normal: z, kept, die, chosen, order } = found;
    const spread = Math.sqrt(16 / 12);
    expect(away(u.data, 1, spread)).toBeLessThan(3.3);
    expect(away(z.data, 2, 0.5)).toBeLessThan(3.3);
    const squares = z.data.map((x) => ((x - 2) / 0.5) ** 2);
    expect(away(squares, 1, Math.SQRT2)).toBeLessThan(3.3);
    expect(away(kept.data, 0.3, Math.sqrt(0.21))).toBeLessThan(3.3);
    expect(away(chosen.data, 0.25, Math.sqrt(3 / 16))).toBeLessThan(3.3);
    const faces = countsOf([...die.data], 7).slice(1);
    // The 99.9th percentiles for 5 and 4 degrees of freedom.
    expect(
      chiSquare(
        faces,
        Array.from({ length: 6 }, () => size / 6),
      ),
    ).toBeLessThan(20.5);
    const firsts = [...order.data].filter((_, i) => i % 5 === 0);
    expect(
      chiSquare(
        countsOf(firsts, 5),
        Array.from({ length: 5 }, () => T / 5),
      ),
    ).toBeLessThan(18.5);
    // Products of deviations of independent numbers have the mean 0 and the product of both deviations.
    const product = (x: ArrayLike<number>, y: ArrayLike<number>, lag: number): number[] =>
      Array.from({ length: x.length - lag }, (_, i) => ((x[i + lag] ?? 0) - 1) * ((y[i] ?? 0) - 1));
    for (const pairs of [
      product(u.data, u.data, N),
      product(u.data, u.data, 1),
      product(u.data, v.data, 0),
    ])
      expect(away(pairs, 0, spread * spread)).toBeLessThan(3.3);
  });
  test("that stands still is refused", async () => {
    const stream = randomStream(9, "noise");
    const refused = compile({ inputs: {}, outputs: { u: stream.uniform([]) } });
    await expect(refused).rejects.toThrow(/STREAM_UPDATES: results draw from "noise"/);
    expect(
      messageOf(() => scan(() => stream.uniform([]), { nSteps: 3, name: "walk" })).replace(
        /at .*test\.ts\S*/,
        "here",
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STREAM: scan "walk": the step draws from "noise" and does not return its update: every step would draw the same numbers
        the stream was made at HERE
        hint: return stepResult(outputs, { updates: stream.updates() }); numbers that are the same in every step are drawn before the scan"
    `);
    expect(refusal(randomStream, 0.5)).toMatch(/SEED/);
    expect(message(randomStream, 1, { name: "noise" })).toMatchInlineSnapshot(`
      "ArgumentError STREAM_NAME: randomStream: the name is [object Object]
        hint: give a text: randomStream(1, "noise")"
    `);
  });
});
