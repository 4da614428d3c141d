import { afterEach, expect, test, vi } from "vitest";
import { timeSteps } from "../src/plain-step.ts";
import { StepClock } from "../src/step-clock.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A step of training: 32 sequences, a quarter of what is computed is padding. */
const stepOf = (seconds: number, loss: number) =>
  ({
    kind: "step",
    epoch: 1,
    step: 1,
    steps: 5,
    update: 1,
    loss,
    metrics: {},
    penalty: 0,
    gradientNorm: 0,
    weight: 1,
    sequences: 32,
    tokens: 96,
    waste: 0.25,
    seconds,
  }) as const;

function clockOf(...seconds: readonly number[]): StepClock {
  const clock = new StepClock();
  seconds.forEach((s, i) => {
    clock.count(stepOf(s, i));
  });
  return clock;
}

test("the clock gives the fastest stretch of a trainer's steps, and its last loss", () => {
  const rate = clockOf(4, 1, 3, 2, 2).rate(2);
  expect(rate).toEqual({
    step: 2000,
    sequencesPerSecond: 16,
    tokensPerSecond: 48,
    waste: 0.25,
    loss: 4,
  });
});

test("without a window it is all steps", () => {
  expect(clockOf(4, 1, 3).rate()).toMatchObject({ sequencesPerSecond: 12, loss: 2 });
});

test("a window longer than the steps, or no steps, is an error", () => {
  expect(() => clockOf(1, 2).rate(3)).toThrow("no stretch was counted");
  expect(() => new StepClock().rate()).toThrow("no stretch was counted");
});

test("a plain step's time is that of its fastest stretch", () => {
  const ends = [0, 5, 7, 11, 12, 18];
  vi.spyOn(performance, "now").mockImplementation(() => ends.shift() ?? NaN);
  const step = vi.fn();
  expect(timeSteps(step, { steps: 5, window: 2 })).toBe(2.5);
  expect(step).toHaveBeenCalledTimes(5);
});
