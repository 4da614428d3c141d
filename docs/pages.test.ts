// Programs in the documentation that are for pages print in Chromium what their comments say.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import { describeInChromium } from "../scripts/browser/chromium.ts";
import { isForPages, programsOf } from "./programs.ts";
import { Project, root } from "./project.ts";

const programs = programsOf(root, "docs/training.md").filter(isForPages);

describeInChromium("programs for pages", (chromium) => {
  const project = new Project();
  afterAll(() => project.close());

  it("are there", () => {
    expect(programs).toHaveLength(1);
  });

  for (const { page, line, code, expected } of programs)
    for (const isolated of [true, false])
      it(`${page}:${line} prints what it says: ${isolated ? "" : "not "}isolated`, async () => {
        project.write("page.ts", code);
        const entry = pathToFileURL(join(project.folder, "page.ts"));
        const opened = await chromium.open({ entry, isolated });
        const texts = expected.map(({ text }) => text);
        await expect.poll(() => opened.printed, { timeout: 10_000 }).toEqual(texts);
      });
});
