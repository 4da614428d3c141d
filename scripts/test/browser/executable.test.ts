import { afterEach, expect, test, vi } from "vitest";
import { chromiumPath, reasonToSkip, requireChromium } from "../../browser/executable.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("without Chromium tests are skipped on a user's machine", () => {
  vi.stubEnv("CHROMIUM_PATH", "");
  vi.stubEnv("CI", "");
  expect(reasonToSkip(["/no/chromium"])).toBe(
    "skipped: no Chromium (looked at /no/chromium; CHROMIUM_PATH may name another)",
  );
});

test("without Chromium tests fail in CI", () => {
  vi.stubEnv("CHROMIUM_PATH", "");
  vi.stubEnv("CI", "1");
  expect(reasonToSkip(["/no/chromium"])).toBeUndefined();
  expect(() => requireChromium(["/no/chromium"])).toThrow("apt-get install chromium");
});

test("CHROMIUM_PATH names another one", () => {
  vi.stubEnv("CHROMIUM_PATH", "/my/chromium");
  expect(chromiumPath(["/no/chromium"])).toBe("/my/chromium");
  expect(reasonToSkip(["/no/chromium"])).toBeUndefined();
});
