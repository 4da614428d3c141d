import { expect, test } from "vitest";
import { conformanceChecks } from "./checks.ts";
import { interpreter } from "./interpreter-backend.ts";

for (const { name, run } of conformanceChecks)
  test(`the interpreter: ${name}`, async () => {
    expect(await run(interpreter)).toEqual([]);
  });
