/** Errors as programs and crash dumps see them. */
import { expect, test } from "vitest";
import { ArgumentError } from "../../src/index.ts";

test("a hint is there for programs and is not printed twice", () => {
  const error = new ArgumentError("SIZE", "wrong", { hint: "right" });
  expect([error.hint, Object.keys(error).includes("hint")]).toEqual(["right", false]);
  expect("hint" in new ArgumentError("SIZE", "wrong")).toBe(false);
});
