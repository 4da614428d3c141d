import { expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import type * as watching from "./pages/long-tasks.ts";

const entry = new URL("./pages/long-tasks.ts", import.meta.url);

/** A machine that is busy with something else makes tasks long that are not: the best of some runs counts. */
const runs = 3;

describeInChromium("the page's own thread", (chromium) => {
  it("is watched well: a busy loop is noticed", async () => {
    const page = await chromium.open<typeof watching>({ entry, isolated: true });
    expect(await page.call("busy", 120)).toHaveLength(1);
  });

  for (const isolated of [true, false])
    it(`has no task over 50 ms while its workers train: ${isolated ? "" : "not "}isolated`, async () => {
      const page = await chromium.open<typeof watching>({ entry, isolated });
      const seen: (readonly number[])[] = [];
      for (let run = 0; run < runs && seen.every((long) => long.length > 0); run++) {
        const watched = await page.call("train", { workers: 2, hidden: 256, batchSize: 64 });
        expect(watched.steps).toBe(40);
        seen.push(watched.long);
      }
      expect(seen).toContainEqual([]);
    });
});
