/** map, reduce, foldl and foldr: the words of Theano's guide. */
import { describe, expect, test } from "vitest";
import {
  compile,
  constant,
  evaluate,
  foldl,
  foldr,
  grad,
  map,
  maximum,
  reduce,
  scalar,
  sum,
  sqr,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { messageOf } from "./message-of.ts";

const [x, y, k] = [vector("x"), vector("y"), scalar("k")];

test("map applies a step to every element, with what every step shares", () => {
  const { outputs } = map((a, b, n) => a.mul(b).add(n), [x, y], { nonSequences: [k] });
  const values = { x: [1, 2, 3], y: [4, 5, 6], k: 10 };
  expect(evaluate(outputs, values).toArray()).toEqual([14, 20, 28]);
  const reversed = map((a) => a.mul(2), x, { goBackwards: true, name: "twice" });
  expect(evaluate(reversed.outputs, { x: [1, 2, 3] }).toArray()).toEqual([6, 4, 2]);
  expect(evaluate(grad(sum(outputs), x), values).toArray()).toEqual([4, 5, 6]);
});

test("reduce gives last values, one or several", async () => {
  const { final } = reduce((v, total: Tensor) => total.mul(k).add(v), x, constant(0));
  const slope = grad(final, k);
  const f = await compile({ inputs: { x, k }, outputs: { final, slope } });
  const found = f({ x: [1, 2, 3], k: 2 });
  expect([found.final.item(), found.slope.item()]).toEqual([11, 6]);
  const both = reduce((v, total: Tensor, most: Tensor) => [total.add(v), maximum(most, v)], x, [
    constant(0),
    zeros([]),
  ]);
  expect(evaluate(both.final, { x: [3, 7, 1] }).map((a) => a.item())).toEqual([11, 7]);
});

test("foldl begins with the first element, foldr with the last", () => {
  const step = (v: Tensor, digits: Tensor): Tensor => digits.mul(10).add(v);
  const [left, right] = [foldl(step, x, constant(0)), foldr(step, x, constant(0))];
  expect(evaluate([left.final, right.final], { x: [1, 2, 3] }).map((a) => a.item())).toEqual([
    123, 321,
  ]);
  expect(evaluate(grad(sum(sqr(right.final)), x), { x: [1, 2, 3] }).toArray()).toEqual([
    642, 6420, 64200,
  ]);
});

describe("what the words say already is refused", () => {
  const hint = "there is no option";
  test.each([
    ["map: there is no option nSteps", () => map((v) => v, x, { nSteps: 2 } as object)],
    [
      "foldr: there is no option goBackwards",
      () => foldr((v) => v, x, k, { goBackwards: true } as object),
    ],
    [
      "foldl: there is no option goBackwards",
      () => foldl((v) => v, x, k, { goBackwards: true } as object),
    ],
    [
      "reduce: there is no option sequences",
      () => reduce((v) => v, x, k, { sequences: y } as object),
    ],
    [
      'reduce "r": there is no option goBackward',
      () => reduce((v) => v, x, k, { name: "r", goBackward: true } as object),
    ],
  ] as const)("%s", (text, call) => {
    const message = messageOf(call);
    expect(message).toContain("SCAN_OPTION");
    expect(message).toContain(text);
    expect(message).toContain(hint);
  });
  test("and so is what is no step", () => {
    expect(messageOf(() => map(3 as never, x))).toContain(
      "SCAN_STEP: map: the step must be a function, got number",
    );
  });
});
