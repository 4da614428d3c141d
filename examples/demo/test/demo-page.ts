/** The demo in Chromium, as its tests see it. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { bundleSite, type ServedFiles } from "../../../scripts/browser/bundle.ts";
import type { TestBrowser } from "../../../scripts/browser/chromium.ts";
import { serve, type Server } from "../../../scripts/browser/serve.ts";

interface Drawn {
  readonly x: readonly number[];
  readonly rows: readonly (readonly (number | null)[])[];
}
type Charts = Readonly<Record<"loss" | "metric" | "norms", () => Drawn>>;

/** The built page and the servers that it is opened from. */
export class DemoSite {
  readonly #chromium: TestBrowser;
  readonly #servers: Server[] = [];
  #files: Promise<ServedFiles> | undefined;

  constructor(chromium: TestBrowser) {
    this.#chromium = chromium;
  }

  /** Bundles the page, which takes seconds. */
  async build(): Promise<void> {
    this.#files ??= bundleSite(new URL("../", import.meta.url));
    await this.#files;
  }

  async open({ isolated = true } = {}): Promise<Page> {
    if (this.#files === undefined) throw new Error("the site is built before it is opened");
    const server = await serve(await this.#files, { isolated });
    this.#servers.push(server);
    const { page } = await this.#chromium.openUrl(server.url);
    return page;
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

/** What a chart of the page holds. */
export const drawn = (page: Page, chart: keyof Charts): Promise<Drawn> =>
  page.evaluate((name) => {
    const { demo } = globalThis as unknown as { readonly demo: Charts };
    return demo[name]();
  }, chart);

/** Opens the page again with code that runs in its trainer's worker before all else. */
export async function reloadWith(page: Page, code: string): Promise<void> {
  await page.route(/trainer-worker/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code}${await response.text()}` });
  });
  await page.reload();
}

export const status = (page: Page): Promise<string> => page.locator("#status").innerText();

/** Fills in choices by their ids. */
export async function choose(page: Page, choices: Readonly<Record<string, string>>): Promise<void> {
  for (const [id, value] of Object.entries(choices)) {
    const control = page.locator(`#${id}`);
    if ((await control.evaluate(({ tagName }) => tagName)) === "SELECT")
      await control.selectOption(value);
    else await control.fill(value);
  }
}

export async function start(
  page: Page,
  choices: Readonly<Record<string, string>> = {},
): Promise<void> {
  await choose(page, choices);
  await page.click("#start");
}

export async function finished(page: Page): Promise<void> {
  await expect.poll(() => status(page), { timeout: 60_000 }).toBe("Finished.");
}

/** Waits until a run has made some updates. */
export async function trained(page: Page, points = 3): Promise<void> {
  await expect
    .poll(async () => (await drawn(page, "loss")).x.length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(points);
}

/** Downloads the model to `path`. */
export async function download(page: Page, path: string): Promise<void> {
  const waiting = page.waitForEvent("download");
  await page.click("#download");
  const given = await waiting;
  expect(given.suggestedFilename()).toBe("model.safetensors");
  await given.saveAs(path);
}
