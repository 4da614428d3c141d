/** Arrays where JavaScript wants a number or a string. */
import { expect, test } from "vitest";
import { NDArray } from "../../src/index.ts";
import { messageOf } from "../api/message-of.ts";

const cost = new NDArray("float32", [], Float32Array.of(0.5));
const pair = new NDArray("float32", [2], Float32Array.of(1, 2));

test("one element is a number", () => {
  expect([Number(cost), Math.max(Number(cost), 0.1)]).toEqual([0.5, 0.5]);
  expect(String(cost)).toBe("f32[] 0.5");
});
test("several are none, and print in template strings", () => {
  expect(String(pair)).toBe("f32[2] [1, 2]");
  expect(messageOf(() => Number(pair))).toMatchInlineSnapshot(`
    "ShapeError ITEM: an array of shape [2] is not one number
      hint: its numbers are in .data and .toArray(), one by itself is .item(); print with \`\${x}\`"
  `);
});
