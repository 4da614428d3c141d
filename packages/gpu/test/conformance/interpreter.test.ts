import { expect, test } from "vitest";
import { conformanceCases } from "./cases/index.ts";
import { checkCase } from "./check.ts";
import { interpreter } from "./interpreter-backend.ts";

test.each(conformanceCases)("the interpreter: $name", async (conformance) => {
  expect(await checkCase(conformance, interpreter)).toEqual([]);
});
