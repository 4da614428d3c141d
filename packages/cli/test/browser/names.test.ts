/** The names job in a page and at the command line: one file. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import { makeFolder } from "../fake-terminal.ts";
import { succeed } from "../run-command.ts";
import type * as names from "./pages/names.ts";

const entry = new URL("./pages/names.ts", import.meta.url);

describeInChromium("the names job, trained in a page", (chromium) => {
  const { folder, remove } = makeFolder();
  afterAll(remove);
  let model: Buffer;
  beforeAll(async () => {
    await succeed(folder, "train --epochs 2 --workers 2");
    model = readFileSync(join(folder, "runs", "names", "model.safetensors"));
  }, 120_000);

  for (const isolated of [true, false])
    it(`is the file that scan-train train writes: ${isolated ? "isolated" : "not isolated"}`, async () => {
      const page = await chromium.open<typeof names>({ entry, isolated });
      const found = await page.call("trainNames", { epochs: 2 }, 2);
      expect(found.isolated).toBe(isolated);
      expect(found.sha256).toBe(createHash("sha256").update(model).digest("hex"));
      expect(Buffer.from(found.file, "base64").equals(model)).toBe(true);
      expect(found.validation).toBeGreaterThan(0.7);
    }, 120_000);

  it("answers at the command line as in the page, letter by letter", async () => {
    const page = await chromium.open<typeof names>({ entry, isolated: false });
    const answers = await page.call("answer", model.toString("base64"), "Alice");
    writeFileSync(join(folder, "downloaded.safetensors"), model);
    const printed = await succeed(
      folder,
      "predict downloaded.safetensors --json A Al Ali Alic Alice",
    );
    expect(answers.map((one) => `${JSON.stringify(one)}\n`).join("")).toBe(printed);
    expect(await succeed(folder, "eval downloaded.safetensors")).toMatch(/^test {5}accuracy /);
  });
});
