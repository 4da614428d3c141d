import { wasm } from "@scan-train/core";
import { expect, test } from "vitest";
import { conformanceCases } from "./cases/index.ts";
import { checkCase } from "./check.ts";

test.each(conformanceCases)("wasm: $name", async (conformance) => {
  expect(await checkCase(conformance, wasm)).toEqual([]);
});
