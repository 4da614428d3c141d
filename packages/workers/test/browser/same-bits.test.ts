import { beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import { createTrainer, type TrainerEvent } from "../../src/node.ts";
import type { Fault } from "../../src/protocol/fault.ts";
import { gruJob, gruRows, sha256 } from "./gru-job.ts";
import type * as training from "./pages/train.ts";

const entry = new URL("./pages/train.ts", import.meta.url);

/** What events say that does not depend on time or on the number of workers. */
function facts(events: readonly TrainerEvent[]): unknown[] {
  return events.flatMap((event) => {
    if (event.kind === "worker-died" || event.kind === "worker-replaced") return [];
    const {
      seconds: _seconds,
      workers: _workers,
      validation,
      ...rest
    } = { seconds: 0, workers: 0, validation: undefined, ...event };
    return [
      { ...rest, validation: validation === undefined ? undefined : { ...validation, seconds: 0 } },
    ];
  });
}

describeInChromium("a model trained in a page", (chromium) => {
  let model: string;
  let events: TrainerEvent[];
  beforeAll(async () => {
    const trainer = await createTrainer(gruJob({ workers: 2 }));
    events = [];
    for await (const event of trainer.fit(gruRows(300), { epochs: 2, validation: gruRows(50) }))
      events.push(event);
    model = await sha256(await trainer.exportModel());
    await trainer.close();
  });

  const same = (found: training.Trained): void => {
    expect(found.model).toBe(model);
    expect(facts(found.events)).toEqual(facts(events));
  };

  it("is the same file where an isolated page gets no memory to share", async () => {
    const page = await chromium.open<typeof training>({ entry, isolated: true });
    expect(await page.call("trainWithoutSharedMemory", { workers: 2 })).toBe(model);
  });

  it("is the same file where the page's thread has no way to wait", async () => {
    const page = await chromium.open<typeof training>({ entry, isolated: true });
    expect(await page.call("trainByLooking", { workers: 2 })).toBe(model);
  });

  for (const isolated of [true, false]) {
    const where = isolated ? "isolated" : "not isolated";
    const open = () => chromium.open<typeof training>({ entry, isolated });

    for (const workers of [1, 2]) {
      it(`is the same file as one trained on Node: ${where}, ${workers} workers`, async () => {
        const page = await open();
        same(await page.call("train", { workers }));
      });
    }

    for (const workers of isolated ? [2] : [1, 2])
      it(`also when a worker is ended without a word: ${where}, ${workers} workers`, async () => {
        const page = await open();
        const { epochs, model: found, deaths } = await page.call("trainAndTerminate", { workers });
        expect(deaths).toMatchObject([
          { kind: "worker-died", reason: "the worker ended without a word" },
          { kind: "worker-replaced" },
        ]);
        const trainer = await createTrainer(gruJob({ workers: 2 }));
        for await (const event of trainer.fit(gruRows(300), { epochs })) void event;
        expect(found).toBe(await sha256(await trainer.exportModel()));
        await trainer.close();
      });

    it(`also when a worker comes late, and nobody is started in its stead: ${where}`, async () => {
      const page = await open();
      const found = await page.call("trainWithLateWorker", { workers: 2 });
      expect(found).toEqual({ model, started: 2 });
    });

    for (const action of ["exit", "throw", "uncaught"] as const)
      it(`also when workers end by themselves (${action}): ${where}`, async () => {
        const faults: readonly Fault[] = [
          { step: 2, shard: 1, action },
          { step: 3, phase: "finish", action },
        ];
        const page = await open();
        const found = await page.call("train", { workers: 2, internal: { faults } });
        same(found);
        const died = found.events.filter(({ kind }) => kind === "worker-died");
        expect(died).toHaveLength(2);
      });
  }
});
