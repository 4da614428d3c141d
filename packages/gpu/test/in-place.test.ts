/** Which new values of variables are written where the old ones lie. */
import { add, mul, reverse, shared, sum, take, tensor, type Update } from "@scan-train/core";
import { compileProgram } from "@scan-train/core/backend-kit";
import { expect, test } from "vitest";
import type { HostNode } from "../src/codegen/pieces.ts";
import { defaultTraits } from "../src/kernel-traits.ts";
import { renderProgram } from "../src/render-wgsl.ts";

const x = tensor("x", { shape: [3] });

/** The names of the copies that are left, and whether kernels of the first entry wait for failures. */
function commitOf(
  updates: readonly Update[],
  atOnce = true,
  inputs: Parameters<typeof compileProgram>[0]["inputs"] = { x },
): { readonly copies: readonly string[]; readonly guarded: boolean } {
  const program = compileProgram({ inputs, updates, target: "device", unusedInputs: "ignore" });
  const keeping = { run: "run", commit: "commit", atOnce };
  const { entries, kernelOf } = renderProgram(program, defaultTraits, keeping);
  const names = (nodes: readonly HostNode[]): string[] =>
    nodes.flatMap((node) => (node.kind === "dispatch" ? [node.piece.name] : names(node.body)));
  const run = [...kernelOf].filter(([piece]) => !piece.name.startsWith("commit"));
  return {
    copies: names(entries.get("commit") ?? []),
    guarded: run.some(([, { code }]) => code.includes("atomicLoad(&status)")),
  };
}

test("a value made of its own old element is written at once, by a kernel that waits for no copy", () => {
  const a = shared([1, 2, 3], { name: "a" });
  expect(commitOf([[a, add(a, x)]])).toEqual({ copies: [], guarded: false });
  expect(commitOf([[a, add(a, x)]], false).copies).toHaveLength(1);
});

test("a value that reads other elements, or is read later, is copied at the end", () => {
  const [a, b] = [shared([1, 2, 3], { name: "a" }), shared([4, 5, 6], { name: "b" })];
  const c = shared(0, { name: "c" });
  expect(commitOf([[a, add(reverse(a), x)]]).copies).toHaveLength(1);
  // The sum of the old values runs after the new ones are made, or before: one of both is safe.
  expect(
    commitOf([
      [a, add(a, x)],
      [c, add(c, sum(a))],
    ]).copies.length,
  ).toBeLessThanOrEqual(1);
  expect(
    commitOf([
      [a, add(b, x)],
      [b, mul(a, 2)],
    ]).copies,
  ).toHaveLength(0);
});

test("where a call may fail, a kernel writes only once nothing has failed", () => {
  const ids = tensor("ids", { dtype: "int32", shape: [3] });
  const a = shared([1, 2, 3], { name: "a" });
  const found = commitOf([[a, add(a, take(x, ids))]], true, { x, ids });
  expect(found).toEqual({ copies: [], guarded: true });
});
