/** The cases in Chromium: in a page and in a Web Worker, as WebAssembly and on the GPU that the browser gives. */
import { expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import { conformanceChecks } from "./checks.ts";
import type * as cases from "./pages/page.ts";

const entry = new URL("./pages/page.ts", import.meta.url);

describeInChromium("conformance in Chromium", (chromium) => {
  for (const backend of ["wasm", "webgpu"] as const)
    for (const where of ["runCases", "runCasesInWorker"] as const)
      it(`${backend} in a ${where === "runCases" ? "page" : "Web Worker"}`, async () => {
        const page = await chromium.open<typeof cases>({ entry, isolated: false });
        const checked = await page.call(where, backend);
        expect(checked.map(({ name }) => name)).toEqual(conformanceChecks.map(({ name }) => name));
        expect(checked.filter(({ faults }) => faults.length > 0)).toEqual([]);
      }, 240_000);
});
