/** Runs one after another, runs that fail, runs whose page goes away. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../../../scripts/browser/chromium.ts";
import { DemoSite, download, drawn, finished, start, status, trained } from "./demo-page.ts";

const short = { epochs: "1", hidden: "8" } as const;
const endless = { epochs: "1000", hidden: "8", workers: "2" } as const;

describeInChromium("runs of the demo", (chromium) => {
  const site = new DemoSite(chromium);
  const folder = mkdtempSync(join(tmpdir(), "scan-train-runs-"));
  beforeAll(() => site.build(), 60_000);
  afterAll(async () => {
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("end in one file, for any number of threads, isolated or not", async () => {
    const hashes = [];
    for (const isolated of [true, false]) {
      const page = await site.open({ isolated });
      await start(page, { ...short, cell: "lstm", workers: isolated ? "1" : "2" });
      await finished(page);
      const path = join(folder, `${isolated}.safetensors`);
      await download(page, path);
      hashes.push(createHash("sha256").update(readFileSync(path)).digest("hex"));
    }
    expect(hashes[0]).toBe(hashes[1]);
  }, 120_000);

  it("begin anew after one that failed", async () => {
    const page = await site.open();
    const trainer = await workerOf(page, "trainer-worker");
    const breakWorkers = (isBroken: boolean): Promise<void> =>
      trainer.evaluate((broken) => {
        const scope = globalThis as unknown as { Worker: unknown; kept?: unknown };
        scope.kept ??= scope.Worker;
        scope.Worker = broken
          ? class {
              constructor() {
                throw new Error("no more workers");
              }
            }
          : scope.kept;
      }, isBroken);
    await start(page, { ...short, workers: "1" });
    await finished(page);
    const canDownload = (): Promise<boolean> => page.locator("#download").isEnabled();
    expect(await canDownload()).toBe(true);
    await breakWorkers(true);
    await start(page);
    await expect
      .poll(() => status(page))
      .toBe("It failed: PAGE_WORKER: the page may not start the trainer's workers");
    expect(await canDownload()).toBe(false);
    await breakWorkers(false);
    await start(page);
    await finished(page);
    expect(await canDownload()).toBe(true);
  }, 120_000);

  it("take a learning rate that was chosen while they were being made", async () => {
    const page = await site.open();
    await start(page, { ...endless, workers: "1" });
    expect(await page.locator("#download").isEnabled()).toBe(false);
    // So high a rate cannot go unnoticed.
    await page.fill("#rate", "1");
    await page.locator("#rate").blur();
    await expect
      .poll(
        async () => Math.max(...((await drawn(page, "loss")).rows[0] ?? []).map((y) => y ?? 0)),
        {
          timeout: 20_000,
        },
      )
      .toBeGreaterThan(1);
  }, 60_000);

  it("clear the charts of the run before", async () => {
    const page = await site.open();
    await start(page, { ...short, workers: "1" });
    await finished(page);
    const { x } = await drawn(page, "loss");
    await start(page);
    await finished(page);
    expect((await drawn(page, "loss")).x).toEqual(x);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(() => page.locator("canvas").count()).toBe(3);
    await page.selectOption("#task", "adding");
    expect((await drawn(page, "metric")).x).toEqual([]);
    expect(await page.locator("#metric-title").innerText()).toBe("Squared error by update");
  }, 60_000);

  it("leave their model until the next one, whatever task is chosen meanwhile", async () => {
    const page = await site.open();
    expect(await page.locator("#download").isEnabled()).toBe(false);
    await start(page, { ...short, workers: "1" });
    await finished(page);
    expect(await status(page)).toBe("Finished.");
    await page.selectOption("#task", "adding");
    expect(await status(page)).toBe(
      "Ready: press Start to train. Until then the model of names is kept for download.",
    );
    await download(page, join(folder, "kept.safetensors"));
    const note = page.locator("#download-note");
    await expect
      .poll(() => note.locator("code").innerText())
      .toBe("node packages/cli/bin/scan-train.js predict ~/Downloads/model.safetensors Alice");
    await start(page, { epochs: "1", hidden: "8" });
    expect(await note.isVisible()).toBe(false);
    await finished(page);
    await download(page, join(folder, "adding.safetensors"));
    await expect
      .poll(() => note.locator("code").innerText())
      .toBe("node packages/cli/bin/scan-train.js eval ~/Downloads/model.safetensors");
    await page.selectOption("#task", "names");
    expect(await page.locator("#verdict").innerText()).toBe("Nothing yet: start a run.");
  }, 60_000);

  it("leave no worker when the tab is closed", async () => {
    const page = await site.open();
    const witness = await page.context().newPage();
    await witness.goto(page.url());
    // Each worker that computes holds a lock of its page's origin while it lives.
    const locks = (): Promise<number> =>
      witness.evaluate(async () => (await navigator.locks.query()).held?.length ?? 0);
    await start(page, endless);
    await trained(page);
    expect(await locks()).toBe(2);
    await page.close();
    await expect.poll(locks, { timeout: 20_000 }).toBe(0);
  }, 60_000);
});

async function workerOf(page: Page, name: string): Promise<ReturnType<Page["workers"]>[number]> {
  const isIt = (worker: { url: () => string }): boolean => worker.url().includes(name);
  return page.workers().find(isIt) ?? page.waitForEvent("worker", isIt);
}
