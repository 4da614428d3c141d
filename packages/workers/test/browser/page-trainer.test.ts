import { beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import { createTrainer, type Trainer } from "../../src/node.ts";
import { gruJob, gruRows, sha256, type GruFields } from "./gru-job.ts";
import type * as training from "./pages/train.ts";

const entry = new URL("./pages/train.ts", import.meta.url);

async function trainOnNode(epochs: number): Promise<Trainer<GruFields>> {
  const trainer = await createTrainer(gruJob({ workers: 2 }));
  for await (const event of trainer.fit(gruRows(300), { epochs })) void event;
  return trainer;
}

async function modelOnNode(epochs: number): Promise<string> {
  const trainer = await trainOnNode(epochs);
  const bytes = await trainer.exportModel();
  await trainer.close();
  return sha256(bytes);
}

/** The page stops in the second one; workers run ahead of it, and the others are there for a page that is slow to hear. */
const epochsToStopIn = 8;

describeInChromium("a trainer in a page", (chromium) => {
  let model: string;
  let modelOfStopped: string;
  let logits: number[][];
  let loss: number;
  beforeAll(async () => {
    model = await modelOnNode(2);
    modelOfStopped = await modelOnNode(epochsToStopIn);
    const one = await trainOnNode(1);
    ({ loss } = await one.evaluate(gruRows(50)));
    const predictions = await one.predict(gruRows(50).map(({ x }) => ({ x })));
    logits = predictions.map((prediction) => [...(prediction["logits"]?.data ?? [])]);
    await one.close();
  });

  it("has as many workers as the machine has cores", async () => {
    const page = await chromium.open<typeof training>({ entry, isolated: false });
    const [workers, cores] = await page.call("defaultWorkers");
    expect(workers).toBe(cores);
  });

  for (const isolated of [true, false]) {
    const where = isolated ? "isolated" : "not isolated";
    const open = () => chromium.open<typeof training>({ entry, isolated });

    it(`stops, is saved, and goes on to the same file: ${where}`, async () => {
      const page = await open();
      const found = await page.call("stopAndGoOn", { workers: 2 }, epochsToStopIn);
      expect(found).toMatchObject({ reason: "stopped", model: modelOfStopped });
      expect(found.epoch).toBeGreaterThanOrEqual(1);
    });

    it(`evaluates and predicts as on Node, also from bytes: ${where}`, async () => {
      const page = await open();
      const found = await page.call("use", { workers: 2 });
      expect(found.loss).toBe(loss);
      expect(found.logits).toEqual(logits);
      expect(found.loaded).toEqual(logits);
    });

    for (const way of ["leaves for another page", "is closed"] as const)
      it(`leaves nothing behind when its page ${way} in mid-training: ${where}`, async () => {
        const page = await open();
        const witness = await page.sibling();
        await page.call("trainForever", { workers: 2 });
        await expect.poll(() => witness.call("workersAlive"), { timeout: 40_000 }).toBe(2);
        if (way === "is closed") await page.page.close();
        else await page.page.goto("about:blank");
        await expect.poll(() => witness.call("workersAlive"), { timeout: 40_000 }).toBe(0);
        expect((await witness.call("train", { workers: 2 })).model).toBe(model);
      }, 120_000);

    it(`says when the script of its workers does not load: ${where}`, async () => {
      const page = await open();
      expect(await page.call("trainWithoutScript", { workers: 1 })).toMatchInlineSnapshot(`
        "UnsupportedError: WORKERS_LOST: workers keep ending before they have done anything
          the last one: its script did not load, or failed at its start; does the bundler serve browser-worker.js of @scan-train/workers?
          hint: is the machine short of memory or overloaded? fewer workers need less"
      `);
    });
  }
});
