/** Planted slips: the message names the user's line, the thing and the remedy. */
import { expect, test } from "vitest";
import { ScanTrainError } from "../../src/index.ts";
import { inGraphs } from "./in-graphs.ts";
import { inSteps } from "./in-steps.ts";
import { inCalls } from "./in-calls.ts";
import type { Mistake } from "./mistake.ts";

const all: readonly Mistake[] = [...inSteps, ...inGraphs, ...inCalls];

async function errorOf({ run }: Mistake): Promise<ScanTrainError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScanTrainError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const place = /test\/mistakes\/in-(?:steps|graphs|calls)\.ts:\d+:\d+/;
const judged = new Map<Mistake, { place: boolean; name: boolean; remedy: boolean }>();

test.each(all)("$what", async (mistake) => {
  const error = await errorOf(mistake);
  expect(error.code).not.toBe("INTERNAL");
  expect(error.message).toMatch(place);
  judged.set(mistake, {
    place: place.test(error.message),
    name: error.message.includes(mistake.names),
    remedy: /\n {2}hint: \S/.test(error.message),
  });
});

test("of at least 60, all say where, 95 % the thing, 80 % the remedy", () => {
  const share = (what: "place" | "name" | "remedy"): number =>
    [...judged.values()].filter((one) => one[what]).length / all.length;
  const without = (what: "name" | "remedy"): string[] =>
    [...judged].flatMap(([mistake, one]) => (one[what] ? [] : [mistake.what]));
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(share("place")).toBe(1);
  expect(share("name"), without("name").join("; ")).toBeGreaterThanOrEqual(0.95);
  expect(share("remedy"), without("remedy").join("; ")).toBeGreaterThanOrEqual(0.8);
});
