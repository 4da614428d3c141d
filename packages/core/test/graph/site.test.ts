/** Where messages say that something was made: in the user's code, also where source maps are applied. */
import { expect, test } from "vitest";
import { homesOf, userPlace } from "../../src/errors/user-place.ts";

const stack = (...places: readonly string[]): string =>
  ["Error: site", ...places.map((place) => `    at f (${place})`)].join("\n");
const user = "/home/ada/model.ts:4:9";

test.each([
  ["file:///repo/core/dist/errors/user-place.js", "/repo/core/src/errors/user-place.ts:43:17"],
  ["file:///repo/core/dist/errors/user-place.js", "file:///repo/core/dist/ops/dot.js:9:1"],
  ["file:///repo/core/src/errors/user-place.ts", "/repo/core/src/ops/dot.ts:20:3"],
  ["file:///repo/core/src/errors/user-place.ts", "file:///repo/core/dist/ops/dot.js:9:1"],
  ["", "/app/node_modules/@scan-train/core/src/ops/dot.ts:20:3"],
])("is in no tree of a library that lies at %s", (home, inside) => {
  expect(userPlace(stack(inside, "node:internal/run:1:1", user), homesOf(home))).toBe(user);
});
test("is in no installed package: a program that reads a command line is no user", () => {
  const package_ = "/app/node_modules/.pnpm/commander@14.0.3/node_modules/commander/lib/command.js";
  expect(userPlace(stack(`${package_}:1122:5`))).toBeUndefined();
  expect(userPlace(stack(`${package_}:1122:5`, user))).toBe(user);
});
test("is nowhere when only the library was running", () => {
  expect(
    userPlace(stack("/a/core/dist/x.js:1:1"), homesOf("file:///a/core/dist/errors/user-place.js")),
  ).toBe(undefined);
});
