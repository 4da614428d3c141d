import { expect, test } from "vitest";
import { conformanceChecks } from "./checks.ts";
import { interpreter } from "./interpreter-backend.ts";

test.each(conformanceChecks)("the interpreter: $name", async ({ run }) => {
  expect(await run(interpreter)).toEqual([]);
});
