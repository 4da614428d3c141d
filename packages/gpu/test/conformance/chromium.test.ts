/**
 * The checks in Chromium: in a page and in a Web Worker, as WebAssembly and on the GPU that the browser gives. The page makes all of them;
 * the worker, which has the same engine, a quarter of them, and all in long runs.
 */
import process from "node:process";
import { expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import { conformanceChecks } from "./checks.ts";
import type * as cases from "./pages/page.ts";

const entry = new URL("./pages/page.ts", import.meta.url);

const inWorker = process.env["SCAN_TRAIN_LONG"] === undefined ? 4 : 1;

describeInChromium("conformance in Chromium", (chromium) => {
  for (const backend of ["wasm", "webgpu"] as const)
    for (const where of ["runCases", "runCasesInWorker"] as const)
      it(`${backend} in a ${where === "runCases" ? "page" : "Web Worker"}`, async () => {
        const page = await chromium.open<typeof cases>({ entry, isolated: false });
        const step = where === "runCases" ? 1 : inWorker;
        const checked = await page.call(where, backend, step);
        const wanted = conformanceChecks.filter((_, i) => i % step === 0);
        expect(checked.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name));
        expect(checked.filter(({ faults }) => faults.length > 0)).toEqual([]);
      }, 240_000);
});
