import { expect, test } from "vitest";
import { packedText } from "../tasks.mjs";

test("pack lists its files, and the command that installs them elsewhere", () => {
  expect(packedText(["/clone/dist/a-1.0.0.tgz", "/my clone/dist/b-1.0.0.tgz"])).toBe(
    [
      "/clone/dist/a-1.0.0.tgz",
      "/my clone/dist/b-1.0.0.tgz",
      "",
      "in your project:",
      'npm install /clone/dist/a-1.0.0.tgz "/my clone/dist/b-1.0.0.tgz"',
    ].join("\n"),
  );
});
