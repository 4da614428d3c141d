/** A trainer does one thing at a time, says so, and never waits for what will not come. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FitOptions, Trainer, TrainerEvent } from "../../src/node.ts";
import { averagingData, type AveragingFields } from "./averaging-model.ts";
import { bitsOf, data, makeTrainer } from "./train.ts";

let trainer: Trainer<AveragingFields>;
beforeEach(async () => {
  trainer = await makeTrainer({ workers: 2 });
});
afterEach(() => trainer.close());

async function fit(options: FitOptions<AveragingFields>): Promise<TrainerEvent[]> {
  const events: TrainerEvent[] = [];
  for await (const event of trainer.fit(data, options)) events.push(event);
  return events;
}

/** The first of two begins and comes to its end, the second is refused. */
async function secondIsRefused(...both: Promise<unknown>[]): Promise<void> {
  const [first, second] = await Promise.allSettled(both);
  expect(first).toMatchObject({ status: "fulfilled" });
  expect(second).toMatchObject({ status: "rejected" });
  expect(String(second?.status === "rejected" && second.reason)).toMatch("TRAINER_BUSY");
}

describe("two things at once", () => {
  it("are refused: evaluations, fits, an evaluation that the next epoch finds", async () => {
    await secondIsRefused(trainer.evaluate(data), trainer.evaluate(data));
    await secondIsRefused(fit({ epochs: 1 }), fit({ epochs: 1 }));
    const events = trainer.fit(data, { epochs: 2 });
    let evaluation: Promise<unknown> | undefined;
    const rest = async (): Promise<void> => {
      for await (const event of events)
        if (event.kind === "epoch-end") evaluation = trainer.evaluate(data);
    };
    await expect(rest()).rejects.toThrow("TRAINER_BUSY");
    await expect(evaluation).resolves.toMatchObject({ sequences: data.size });
  });
});

describe("close", () => {
  it("ends a fit with words, from outside and from its own loop", async () => {
    const endless = fit({ epochs: 1_000_000 });
    setTimeout(() => void trainer.close(), 200);
    await expect(endless).rejects.toThrow(/TRAINER_CLOSED.*before this was through/);
    const between = await makeTrainer();
    const closing = async (): Promise<void> => {
      for await (const event of between.fit(data, { epochs: 3 }))
        if (event.kind === "epoch-end") await between.close();
    };
    await expect(closing()).rejects.toThrow(/TRAINER_CLOSED.*before this was through/);
    const other = await makeTrainer();
    const within = async (): Promise<void> => {
      for await (const event of other.fit(data, { epochs: 3 }))
        if (event.kind === "step") await other.close();
    };
    await expect(within()).rejects.toThrow("TRAINER_CLOSED");
  });

  it("is through for everyone who asks for it", async () => {
    const asked = trainer.close();
    expect(trainer.close()).toBe(asked);
    await asked;
  });
});

describe("what fit is given", () => {
  it("has known names", async () => {
    const misspelt = { epochs: 1, validaton: data };
    await expect(fit(misspelt)).rejects.toThrow(
      /TRAINER_OPTION: fit has no option validaton\n(?:.*\n)?.*did you mean validation\?/,
    );
    const options: object = { parameterOnly: true };
    await expect(trainer.load("nowhere", options)).rejects.toThrow(/load has no option/);
  });

  it("stops in the validation too", async () => {
    const controller = new AbortController();
    const large = averagingData(20_000);
    const steps = Math.ceil(data.size / 12);
    const events: TrainerEvent[] = [];
    for await (const event of trainer.fit(data, {
      epochs: 1,
      validation: large,
      signal: controller.signal,
    })) {
      events.push(event);
      if (event.kind === "step" && event.step === steps) controller.abort();
    }
    const end = events.find((event) => event.kind === "epoch-end");
    expect(end).toBeDefined();
    expect(end).not.toHaveProperty("validation");
    expect(trainer.position).toEqual({ epoch: 1, step: 0 });
  });
});

describe("a checkpoint taken while training goes on", () => {
  it("holds one moment", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scan-train-"));
    const whole = await makeTrainer();
    const resumed = await makeTrainer();
    try {
      for await (const event of whole.fit(data, { epochs: 4 })) void event;
      const saves: Promise<void>[] = [];
      for await (const event of trainer.fit(data, { epochs: 2 }))
        if (event.kind === "step" && saves.length === 0) saves.push(trainer.save(folder));
      await Promise.all(saves);
      await resumed.load(folder);
      const epochs = 4 - resumed.position.epoch;
      for await (const event of resumed.fit(data, { epochs })) void event;
      expect(bitsOf(resumed)).toBe(bitsOf(whole));
    } finally {
      await Promise.all([whole.close(), resumed.close()]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
