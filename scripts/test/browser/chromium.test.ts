import { expect, it } from "vitest";
import { describeInChromium } from "../../browser/chromium.ts";
import type * as exported from "./page.ts";

const entry = new URL("./page.ts", import.meta.url);

describeInChromium("a page in Chromium", (chromium) => {
  for (const isolated of [true, false])
    it(`is ${isolated ? "" : "not "}isolated when it is asked to be`, async () => {
      const page = await chromium.open<typeof exported>({ entry, isolated });
      expect(await page.call("isIsolated")).toBe(isolated);
      expect(await page.call("add", 2, 3)).toBe(5);
    });

  it("starts the workers of its module", async () => {
    const page = await chromium.open<typeof exported>({ entry, isolated: true });
    expect(await page.call("askWorker")).toBe("hello from a worker");
  });

  it("reports its errors", async () => {
    const page = await chromium.open<typeof exported>({ entry, isolated: false });
    await page.call("complain", "something is wrong");
    expect(await chromium.closePages()).toEqual(["something is wrong"]);
    const other = await chromium.open<typeof exported>({ entry, isolated: false });
    await other.call("failLater", "too late");
    await expect.poll(() => other.takeErrors().join()).toContain("Error: too late");
  });
});
