import { expect, test } from "vitest";
import { findBanned } from "../banned.mjs";
import { parse } from "../syntax.mjs";

function bannedIn(text: string, path = "packages/core/src/ops/add.ts"): string[] {
  return findBanned([parse(path, text)]).map(({ line, message }) => `${line}: ${message}`);
}

test.each([
  ["Math.exp", "const y = Math.exp(1);"],
  ["Math.tanh", "const f = Math.tanh;"],
  ["Math.random", "const r = () => Math?.random();"],
  ["the operator **", "const y = 2 ** 10;"],
  ["the operator **=", "let y = 2; y **= 3;"],
  ["another name", "const { exp } = Math;"],
  ["another name", "const m = Math; m.exp(1);"],
  ["another name", 'const y = Math["exp"](1);'],
  ["another name", "const y = globalThis.Math.exp(1);"],
  ["localeCompare", "names.sort((a, b) => a.localeCompare(b));"],
  ["localeCompare", 'names.sort((a, b) => a["localeCompare"](b));'],
])("%s is found in %s", (what, text) => {
  const faults = bannedIn(`\n${text}`);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/^2: /);
  expect(faults[0]).toContain(what);
});

test("exact functions, comments, strings and names of one's own are free", () => {
  const text = `
    // Math.exp(x) ** 2
    const y = Math.sqrt(Math.fround(Math.PI)) + Math.imul(2, 3) + Math.max(1, 2);
    const text = "Math.exp and 2 ** 3";
    const exp = (x: number) => x; const own = { exp, Math: 1 };`;
  expect(bannedIn(text)).toEqual([]);
});

test("op references may use the host's functions, and still no locale", () => {
  const text = "export const tanh = Math.tanh; export const square = (x: number) => x ** 2;";
  const path = "packages/core/src/ops/reference/tanh.ts";
  expect(bannedIn(text, path)).toEqual([]);
  expect(bannedIn(text, "packages/core/src/ops/tanh.ts")).toHaveLength(2);
  expect(bannedIn(`"a".localeCompare("b");`, path)).toHaveLength(1);
});
