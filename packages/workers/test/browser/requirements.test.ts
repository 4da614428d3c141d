import { expect, onTestFinished, test, vi } from "vitest";
import { requirePage } from "../../src/browser/requirements.ts";
import { createTrainer } from "../../src/browser.ts";
import { gruJob } from "./gru-job.ts";

function messageOf(page: object): string {
  try {
    requirePage(page);
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}

class Worker {}

test("a page without WebAssembly", () => {
  expect(messageOf({ Worker })).toMatchInlineSnapshot(`
    "UnsupportedError: PAGE_FEATURE: training in a page needs WebAssembly
      hint: it is switched off in some hardened browsers; allow it for this site, or take another browser"
  `);
});

test("a browser without vectors", () => {
  expect(messageOf({ Worker, WebAssembly: { validate: () => false } })).toMatchInlineSnapshot(`
    "UnsupportedError: PAGE_FEATURE: training in a page needs vectors in WebAssembly (SIMD)
      hint: take a newer browser: Chrome 91, Firefox 89, Safari 16.4, or later"
  `);
});

test("a page that has all", () => {
  expect(messageOf({ Worker, WebAssembly })).toBe("nothing was thrown");
});

test("a server, which has no Web Workers", async () => {
  await expect(createTrainer(gruJob({ workers: 1 }))).rejects.toThrowErrorMatchingInlineSnapshot(`
    [UnsupportedError: PAGE_FEATURE: training in a page needs Web Workers
      hint: call createTrainer in a page, or in a browser whose workers start workers; on a server import @scan-train/workers/node]
  `);
});

test("a page that may not start workers", async () => {
  onTestFinished(() => void vi.unstubAllGlobals());
  class Refused {
    constructor(url: URL) {
      throw new TypeError(`Script at '${url.pathname.slice(-18)}' cannot be accessed`);
    }
  }
  vi.stubGlobal("Worker", Refused);
  await expect(createTrainer(gruJob({ workers: 1 }))).rejects.toThrowErrorMatchingInlineSnapshot(`
    [UnsupportedError: PAGE_WORKER: the page may not start the trainer's workers
      Script at '/browser-worker.js' cannot be accessed
      hint: serve browser-worker.js from the page's own origin, and allow it in a Content-Security-Policy (worker-src)]
  `);
});
