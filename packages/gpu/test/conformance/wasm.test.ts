import { wasm } from "@scan-train/core";
import { expect, test } from "vitest";
import { conformanceChecks } from "./checks.ts";

for (const { name, run } of conformanceChecks)
  test(`wasm: ${name}`, async () => {
    expect(await run(wasm)).toEqual([]);
  });
