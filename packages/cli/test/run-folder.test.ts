import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeRunFolder } from "../src/run-folder/run-folder.ts";
import { temporaryFolder } from "./fake-terminal.ts";

test("a run folder is made with its parents; an empty name is refused", async () => {
  const from = temporaryFolder();
  await makeRunFolder({ from, out: "a/b/c", name: "x", force: false });
  expect(existsSync(join(from, "a", "b", "c"))).toBe(true);
  await expect(makeRunFolder({ from, out: "", name: "x", force: false })).rejects.toMatchObject({
    exitCode: 2,
    message: "--out: expected a folder, got an empty text",
  });
});

test.runIf(process.platform === "linux")(
  "a folder that no one can make fails at once",
  async () => {
    const options = { from: "/", out: "/proc/none/run", name: "x", force: false };
    await expect(makeRunFolder(options)).rejects.toThrow(/^cannot write into \/proc\/none\/run: /);
  },
);
