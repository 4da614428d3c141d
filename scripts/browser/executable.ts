/** Where Chromium is, and what happens to tests where it is not. */
import { existsSync } from "node:fs";
import { env } from "node:process";

const usualPlaces = ["/usr/bin/chromium", "/usr/bin/google-chrome"];

/** CHROMIUM_PATH, else where Debian puts it. */
export function chromiumPath(places: readonly string[] = usualPlaces): string | undefined {
  const given = env["CHROMIUM_PATH"];
  if (given !== undefined && given !== "") return given;
  return places.find((path) => existsSync(path));
}

/**
 * Why tests in a browser are skipped on a user's machine. Undefined when they run: there is a Chromium, or the tests run in CI,
 * where a missing one must make them fail.
 */
export function reasonToSkip(places: readonly string[] = usualPlaces): string | undefined {
  if (chromiumPath(places) !== undefined || (env["CI"] ?? "") !== "") return undefined;
  return `skipped: no Chromium (looked at ${places.join(", ")}; CHROMIUM_PATH may name another)`;
}

/** @throws Error when there is none */
export function requireChromium(places: readonly string[] = usualPlaces): string {
  const path = chromiumPath(places);
  if (path !== undefined) return path;
  throw new Error("no Chromium to run this test in: apt-get install chromium libvulkan1");
}
