/**
 * The checks in Chromium: in a page and in a Web Worker, as WebAssembly and on the GPU that the browser gives. Page and worker have the
 * same engine, so that each makes half of them; both make all in long runs.
 */
import process from "node:process";
import { expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import { conformanceChecks } from "./checks.ts";
import type * as cases from "./pages/page.ts";

const entry = new URL("./pages/page.ts", import.meta.url);

const isLong = process.env["SCAN_TRAIN_LONG"] === "1";

describeInChromium("conformance in Chromium", (chromium) => {
  for (const backend of ["wasm", "webgpu"] as const)
    for (const where of ["runCases", "runCasesInWorker"] as const)
      it(`${backend} in a ${where === "runCases" ? "page" : "Web Worker"}`, async () => {
        const page = await chromium.open<typeof cases>({ entry, isolated: false });
        const step = isLong ? 1 : 2;
        const first = isLong || where === "runCases" ? 0 : 1;
        const checked = await page.call(where, backend, { first, step });
        const wanted = conformanceChecks.filter((_, i) => i % step === first);
        expect(checked.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name));
        expect(checked.filter(({ faults }) => faults.length > 0)).toEqual([]);
      }, 240_000);
});
