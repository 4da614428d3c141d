/** Random programs: reference evaluation, WebAssembly and the loop interpreter agree, rewritten or not. */
import fc from "fast-check";
import { test } from "vitest";
import { buildProgram } from "./build-program.ts";
import { checkGraph } from "./check-program.ts";
import { programs } from "./instructions.ts";
import { buildStates, statesPrograms } from "./states-program.ts";

const long = process.env["SCAN_TRAIN_LONG"] === "1";
const numRuns = Number(process.env["SCAN_TRAIN_RUNS"] ?? (long ? 3000 : 60));
const seed = Number(process.env["SCAN_TRAIN_SEED"] ?? 1);
const timeout = long ? 3_600_000 : 60_000;

test(
  "a random program computes the same however it runs",
  async () => {
    const same = fc.asyncProperty(programs, (program) =>
      checkGraph(buildProgram(program), program.calls),
    );
    await fc.assert(same, { numRuns, seed });
  },
  timeout,
);

test(
  "a loop that may change its states in place computes the same however it runs",
  async () => {
    const same = fc.asyncProperty(statesPrograms, (program) =>
      checkGraph(buildStates(program), [[4, 2]]),
    );
    await fc.assert(same, { numRuns, seed });
  },
  timeout,
);
