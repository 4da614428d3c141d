import { wasm } from "@scan-train/core";
import { expect, test } from "vitest";
import { conformanceChecks } from "./checks.ts";

test.each(conformanceChecks)("wasm: $name", async ({ run }) => {
  expect(await run(wasm)).toEqual([]);
});
