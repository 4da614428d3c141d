/** The page, by clicks in Chromium. */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../../../scripts/browser/chromium.ts";
import {
  DemoSite,
  choose,
  download,
  drawn,
  finished,
  reloadWith,
  start,
  status,
  trained,
} from "./demo-page.ts";

const program = fileURLToPath(new URL("../../../packages/cli/bin/scan-train.js", import.meta.url));

describeInChromium("the demo", (chromium) => {
  const site = new DemoSite(chromium);
  const folder = mkdtempSync(join(tmpdir(), "scan-train-demo-"));
  beforeAll(() => site.build(), 60_000);
  afterAll(async () => {
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("learns names, says what it makes of one, and gives the command line's file", async () => {
    const page = await site.open();
    await start(page, { epochs: "2", workers: "2" });
    await finished(page);
    const { x, rows } = await drawn(page, "loss");
    expect(x.at(-1)).toBe(200);
    const [training = [], validation = []] = rows;
    const mean = (list: readonly (number | null)[]): number =>
      list.reduce<number>((n, y) => n + (y ?? 0), 0) / list.length;
    expect(mean(training.slice(-40))).toBeLessThan(mean(training.slice(0, 40)) - 0.1);
    expect(validation.filter((y) => y !== null)).toHaveLength(2);
    expect(await page.locator("#validation-metric").innerText()).toMatch(/^8\d\.\d %$/);

    await page.fill("#name", "Maria");
    await expect.poll(() => page.locator("#letters li").count()).toBe(5);
    await expect.poll(() => page.locator("#verdict").innerText()).toMatch(/^female, \d+ %/);
    const last = page.locator("#letters li").last();
    expect(await last.getAttribute("aria-label")).toMatch(/^after a: female \d+ %, male \d+ %$/);
    const height = (): Promise<string | null> =>
      last.locator(".pillar > span").getAttribute("style");
    const before = await height();
    await page.fill("#name", "Mario");
    await expect.poll(height).not.toBe(before);

    const path = join(folder, "page.safetensors");
    await download(page, path);
    const train = [program, "train", "--epochs", "2", "--out", "cli"];
    const { status: code, stderr } = spawnSync(process.execPath, train, {
      cwd: folder,
      encoding: "utf8",
    });
    expect([code, stderr]).toEqual([0, ""]);
    const sha = (file: string): string =>
      createHash("sha256").update(readFileSync(file)).digest("hex");
    expect(sha(path)).toBe(sha(join(folder, "cli", "model.safetensors")));
    expect(await page.locator("#download-note").innerText()).toContain(sha(path).slice(0, 16));
    const asked = spawnSync(process.execPath, [program, "predict", path, "Maria"], {
      encoding: "utf8",
    });
    expect(asked.stdout).toMatch(/female/);
  }, 120_000);

  it("pauses, takes another learning rate, goes on, and stops", async () => {
    const page = await site.open({ isolated: false });
    await start(page, { epochs: "200", workers: "1", hidden: "16" });
    await expect.poll(async () => (await drawn(page, "loss")).x.length).toBeGreaterThan(20);
    await page.click("#pause");
    await expect.poll(() => status(page)).toBe("Paused between two updates.");
    const { x } = await drawn(page, "loss");
    await page.waitForTimeout(400);
    expect((await drawn(page, "loss")).x.length).toBe(x.length);
    // So high a rate cannot go unnoticed.
    await page.fill("#rate", "1");
    await page.locator("#rate").blur();
    await page.getByRole("button", { name: "Resume" }).click();
    await expect
      .poll(async () => {
        const now = await drawn(page, "loss");
        return now.rows[0]?.slice(x.length).reduce<number>((n, y) => Math.max(n, y ?? 0), 0) ?? 0;
      })
      .toBeGreaterThan(1);
    await page.click("#stop");
    await expect.poll(() => status(page)).toBe("Stopped; the model is kept.");
    expect(await page.locator("#start").isEnabled()).toBe(true);
  }, 60_000);

  it("shows how gradients of the adding problem go back in time", async () => {
    const page = await site.open();
    await start(page, { task: "adding", cell: "rnn", epochs: "1", workers: "2", hidden: "16" });
    await finished(page);
    await expect.poll(async () => (await drawn(page, "norms")).x.length).toBe(50);
    await expect
      .poll(() => page.locator("#norms-note").innerText())
      .toBe("Dashed: untrained; tanh RNN after 31 updates.");
    const { rows } = await drawn(page, "norms");
    const has = rows.map((line) => line.filter((y) => (y ?? 0) > 0).length);
    expect(has).toEqual([50, 0, 0, 50, 50, 50]);
    // What a tanh RNN begins with vanishes; that is the point.
    const untrained = rows[3] ?? [];
    expect((untrained[0] ?? 1) / (untrained[49] ?? 0)).toBeLessThan(0.01);
    expect(await page.locator("#try").isVisible()).toBe(false);
  }, 60_000);

  it("trains on the GPU that the browser gives", async () => {
    const page = await site.open();
    await expect.poll(() => page.locator("#backend option").nth(1).isEnabled()).toBe(true);
    await start(page, { backend: "webgpu", epochs: "1", hidden: "8", task: "adding", cell: "rnn" });
    await expect.poll(() => status(page), { timeout: 30_000 }).toMatch(/by WebGPU \(/);
    await expect
      .poll(async () => (await drawn(page, "loss")).x.length, { timeout: 30_000 })
      .toBeGreaterThan(2);
    await page.click("#stop");
    await expect.poll(() => status(page), { timeout: 30_000 }).toMatch(/^(Stopped|Finished)/);
  }, 120_000);

  it("says that its GPU was lost in the midst of a run, and trains on another one", async () => {
    const page = await site.open();
    await reloadWith(
      page,
      `const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (options) {
        const device = await requestDevice.call(this, options);
        new BroadcastChannel("lose").onmessage = () => device.destroy();
        return device;
      };`,
    );
    await expect.poll(() => page.locator("#backend option").nth(1).isEnabled()).toBe(true);
    const choices = { backend: "webgpu", epochs: "50", hidden: "8", task: "adding", cell: "rnn" };
    await start(page, choices);
    await trained(page);
    await page.evaluate(`new BroadcastChannel("lose").postMessage(1)`);
    await expect
      .poll(() => status(page), { timeout: 30_000 })
      .toMatch(/^It failed: DEVICE_LOST: epoch \d+, step \d+: the device is gone$/);
    await page.click("#download");
    await expect
      .poll(() => page.locator("#download-note").innerText())
      .toMatch(/^The model cannot be had. The GPU was lost: /);
    await start(page);
    await trained(page);
    await page.click("#stop");
    await expect.poll(() => status(page), { timeout: 30_000 }).toMatch(/^(Stopped|Finished)/);
  }, 120_000);

  it("goes on training where the model cannot be had", async () => {
    const page = await site.open();
    await reloadWith(page, `crypto.subtle.digest = () => Promise.reject(new Error("no digest"));`);
    await start(page, { epochs: "200", hidden: "8", workers: "1" });
    await trained(page);
    await page.click("#download");
    await expect
      .poll(() => page.locator("#download-note").innerText())
      .toMatch(/^The model cannot be had. Error: no digest/);
    expect(await status(page)).toMatch(/^Training /);
    expect(await page.locator("#stop").isEnabled()).toBe(true);
    const { x } = await drawn(page, "loss");
    await trained(page, x.length + 1);
    await page.click("#stop");
    await expect.poll(() => status(page)).toBe("Stopped; the model is kept.");
  }, 60_000);

  it("says why there is no GPU to train on, and trains without", async () => {
    const page = await site.open();
    await reloadWith(page, `Object.defineProperty(navigator, "gpu", { value: undefined });`);
    await expect
      .poll(() => page.locator("#gpu-note").innerText())
      .toBe(
        "This page has no WebGPU: navigator.gpu is missing. Serve the page from https or localhost, and take a browser with WebGPU (Chrome and Edge from 113, Safari from 26, Firefox from 141).",
      );
    const option = page.locator("#backend option").nth(1);
    expect(await option.isEnabled()).toBe(false);
    expect(await option.getAttribute("label")).toBe("WebGPU (none here)");
    await start(page, { epochs: "1", hidden: "8", workers: "1" });
    await finished(page);
  }, 60_000);

  it("leaves its own thread alone while it trains", async () => {
    const page = await site.open();
    const longTasks = async (): Promise<readonly number[]> => {
      await start(page, { epochs: "6", workers: "1" });
      await expect.poll(async () => (await drawn(page, "loss")).x.length).toBeGreaterThan(5);
      await page.evaluate(`
        globalThis.found = [];
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) found.push(duration);
        }).observe({ entryTypes: ["longtask"] });
      `);
      await page.fill("#name", "Theodora");
      await finished(page);
      return page.evaluate<number[]>("found");
    };
    // Other work on the machine makes any task long: one quiet run of three proves it.
    const runs: (readonly number[])[] = [];
    while (runs.length < 3 && runs.every((found) => found.length > 0)) runs.push(await longTasks());
    expect(runs.at(-1)).toEqual([]);
  }, 180_000);

  it("can be read and used without a mouse", async () => {
    const page = await site.open();
    const unnamed = await page.evaluate<string[]>(`
      [...document.querySelectorAll("input, select, button")]
        .filter((one) => (one.labels?.length ?? 0) === 0 && one.textContent.trim() === "")
        .map(({ id }) => id)
    `);
    expect(unnamed).toEqual([]);
    for (const name of ["Run", "Progress", "Gradient norm by time step", "Try a name"])
      expect(await page.getByRole("heading", { name }).count()).toBe(1);
    expect(await page.getByRole("status").count()).toBe(2);
    await page.locator("#task").focus();
    const order: string[] = [];
    for (let i = 0; i < 10; i++) {
      order.push(await page.evaluate<string>("document.activeElement?.id ?? ''"));
      await page.keyboard.press("Tab");
    }
    const expected = "task cell backend workers hidden epochs seed rate start download name";
    expect(order).toEqual(
      expected
        .split(" ")
        .filter((id) => id !== "download")
        .slice(0, 10),
    );
    for (const width of [400, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(width);
    }
  });

  it("keeps the keyboard's place, and reads aloud only what was asked for", async () => {
    const page = await site.open();
    const focused = (): Promise<string> => page.evaluate("document.activeElement.id");
    await choose(page, { epochs: "1000", hidden: "8", workers: "1" });
    await page.locator("#start").focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("pause");
    await trained(page);
    await page.fill("#name", "Anna");
    const spoken = (): Promise<string> => page.locator("#spoken").innerText();
    await expect.poll(spoken).toMatch(/^Anna: (fe)?male, \d+ %$/);
    const said = await spoken();
    const verdict = await page.locator("#verdict").innerText();
    await expect.poll(() => page.locator("#verdict").innerText()).not.toBe(verdict);
    expect(await spoken()).toBe(said);
    await expect
      .poll(() =>
        page.getByRole("img", { name: /^Loss by update; training 0\.\d+ at update/ }).count(),
      )
      .toBe(1);
    await page.locator("#stop").focus();
    await page.keyboard.press("Space");
    await expect.poll(focused).toBe("start");
  }, 60_000);
});
