import { expect, test } from "vitest";
import { zero } from "../../src/nn/initializers.ts";
import { parameter } from "../../src/nn/parameter.ts";
import { messageOf } from "../api/message-of.ts";

test("a parameter takes a key, not a seed", () => {
  const untyped = parameter as unknown as (...args: readonly unknown[]) => unknown;
  expect(messageOf(() => untyped("W", [3], zero, 1))).toMatchInlineSnapshot(`
    "DTypeError RANDOM_KEY: parameter "W": 1 is no random key
      hint: make one with key(seed), split(key, n) or foldIn(key, step)"
  `);
});
