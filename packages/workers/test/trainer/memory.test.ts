/** A budget of memory for the loop of a model: the same bits in every number of workers, or a refusal before anything runs. */
import { expect, test } from "vitest";
import { averagingModel, makeWeights } from "./averaging-model.ts";
import { train } from "./train.ts";

const within = (memory: string, workers: number) =>
  train({ model: averagingModel(makeWeights(), memory), workers, name: "averaging" });

/** What a trainer says to too small a budget; undefined: it trained. */
const refusal = (memory: string): Promise<string | undefined> =>
  within(memory, 1).then(
    () => undefined,
    (error: unknown) => String(error),
  );

test("a loop that replays its steps trains to the same bits", async () => {
  const said: string[] = [];
  let memory = "1B";
  for (let text = await refusal(memory); text !== undefined; text = await refusal(memory)) {
    said.push(text);
    memory = /memory: "(\w+)"/.exec(text)?.[1] ?? "none";
  }
  expect(said[0]).toMatch(
    /^ArgumentError: MEMORY_BUDGET: averaging evaluate: the budget of scan is 1 bytes of memory/,
  );
  expect(said.at(-1)).toMatch(/MEMORY_BUDGET: averaging gradient/);
  const whole = await train();
  for (const workers of [1, 2]) {
    const tight = await within(memory, workers);
    expect(tight.bits).toBe(whole.bits);
    expect(tight.losses).toEqual(whole.losses);
  }
});
