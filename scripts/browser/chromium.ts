/** Tests in Chromium: a browser for a group of tests, pages that hold what a TypeScript module exports. */
import { chromium, type Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bundlePage, type ServedFiles } from "./bundle.ts";
import { reasonToSkip, requireChromium } from "./executable.ts";
import { TestPage, type Callable } from "./page.ts";
import { serve, type Server } from "./serve.ts";

/** The first gives WebGPU (by SwiftShader where there is no GPU); the others are for root and for machines without network. */
const flags = [
  "--enable-unsafe-webgpu",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface OpenOptions {
  /** The module whose exports the page has: `new URL("./pages/train.ts", import.meta.url)`. */
  readonly entry: URL;
  /** With the headers that give SharedArrayBuffer, or without. */
  readonly isolated: boolean;
}

type OpenPage = Pick<TestPage<unknown>, "takeErrors" | "close">;

/** The browser of a group of tests. */
export class TestBrowser {
  #browser: Browser | undefined;
  readonly #bundles = new Map<string, Promise<ServedFiles>>();
  readonly #servers = new Map<string, Promise<Server>>();
  readonly #open = new Set<OpenPage>();

  async launch(): Promise<void> {
    const executablePath = requireChromium();
    this.#browser = await chromium.launch({ executablePath, headless: true, args: flags });
  }

  /** The browser itself, for what a page cannot do. */
  get browser(): Browser {
    if (this.#browser === undefined) throw new Error("the browser is launched before the tests");
    return this.#browser;
  }

  /**
   * A page whose script exports what the module at `entry` does.
   * @example
   * import type * as training from "./pages/train.ts";
   * const page = await chromium.open<typeof training>({ entry: new URL("./pages/train.ts", import.meta.url), isolated: true });
   * await page.call("train", { workers: 2 });
   */
  async open<E extends Callable<E>>({ entry, isolated }: OpenOptions): Promise<TestPage<E>> {
    const { url } = await this.#serve(entry, isolated);
    return this.openUrl<E>(url);
  }

  /** A page of another server. */
  async openUrl<E extends Callable<E>>(url: string): Promise<TestPage<E>> {
    const page = await TestPage.open<E>(this.browser, url);
    this.#open.add(page);
    return page;
  }

  #serve(entry: URL, isolated: boolean): Promise<Server> {
    const key = `${isolated ? "isolated" : "open"} ${entry.href}`;
    const present = this.#servers.get(key);
    if (present !== undefined) return present;
    let bundle = this.#bundles.get(entry.href);
    if (bundle === undefined) {
      bundle = bundlePage(entry);
      this.#bundles.set(entry.href, bundle);
    }
    const server = bundle.then((files) => serve(files, { isolated }));
    this.#servers.set(key, server);
    return server;
  }

  /** Closes the pages of a test and returns what went wrong in them unseen. */
  async closePages(): Promise<string[]> {
    const pages = [...this.#open];
    this.#open.clear();
    const errors = pages.flatMap((page) => page.takeErrors());
    await Promise.all(pages.map((page) => page.close()));
    return errors;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    const servers = await Promise.allSettled(this.#servers.values());
    for (const server of servers) if (server.status === "fulfilled") await server.value.close();
  }
}

/**
 * A group of tests with a browser. An error that a page reports, and the test does not take, fails the test. Without Chromium the
 * group is skipped, with its reason in its name; in CI its tests fail.
 */
export function describeInChromium(name: string, tests: (chromium: TestBrowser) => void): void {
  const reason = reasonToSkip();
  if (reason !== undefined) {
    describe.skip(`${name} (${reason})`, () => {
      it.skip(reason, () => undefined);
    });
    console.warn(`${name}: ${reason}`);
    return;
  }
  describe(name, () => {
    const browser = new TestBrowser();
    beforeAll(() => browser.launch());
    afterEach(async () => {
      expect(await browser.closePages(), "errors that pages reported").toEqual([]);
    });
    afterAll(() => browser.close());
    tests(browser);
  });
}
