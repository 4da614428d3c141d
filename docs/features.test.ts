// FEATURES.md is looked up: tests that it names exist, what comes later throws with the code it names, or has no name yet.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as core from "@scan-train/core";
import { describe, expect, test } from "vitest";
import { errorCases } from "../packages/core/test/golden/error-cases.ts";
import { featureCases } from "../packages/core/test/golden/feature-cases.ts";
import { laterCases } from "../packages/core/test/golden/later-cases.ts";
import { seedCases } from "../packages/core/test/golden/seed-cases.ts";
import { root } from "./project.ts";

const { compile, scan, shared, vector } = core;

/** The rows of the page's tables: feature, state, proof. */
const rows = readFileSync(join(root, "FEATURES.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .map(([, feature = "", state = "", proof = ""]) => ({ feature, state, proof }))
  .filter(({ state }) => state !== "state");

const x = vector("x");
const scanWith = (options: object): unknown => scan((v) => v, { sequences: x, ...options });

/** What throws each code in this release. */
const refusals: Readonly<Record<string, readonly (() => unknown)[]>> = {
  SCAN_OPTION: ["mode", "profile", "allowGc"].map((name) => () => scanWith({ [name]: true })),
};

const codeOf = async (call: () => unknown): Promise<unknown> => {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error instanceof core.ScanTrainError ? error.code : error;
  }
};

describe("FEATURES.md", () => {
  test("says of every row what proves it", () => {
    expect(rows.length).toBeGreaterThan(80);
    for (const { feature, state, proof } of rows) {
      expect(state, feature).toMatch(/^(done|departs|later)/);
      expect(proof, feature).toMatch(/\]\(|recorded: /);
    }
  });

  test("names tests that exist", () => {
    const missing = rows.flatMap(({ proof }) =>
      [...proof.matchAll(/\]\(([^)]+)\)((?:,? "[^"]+")*)/g)].flatMap(
        ([, file = "", names = ""]) => {
          const text = readFileSync(join(root, file), "utf8");
          return [...names.matchAll(/"([^"]+)"/g)]
            .map(([, name = ""]) => name)
            .filter((name) => !text.includes(name))
            .map((name) => `${file}: ${name}`);
        },
      ),
    );
    expect(missing).toEqual([]);
  });

  test("names recorded cases that have builders", () => {
    const known = { ...seedCases, ...featureCases, ...errorCases };
    const named = rows.flatMap(({ proof }) =>
      [...proof.matchAll(/recorded: ((?:`[^`]+`(?:, )?)+)/g)].flatMap(([, ids = ""]) =>
        [...ids.matchAll(/`([^`]+)`/g)].map(([, id = ""]) => id),
      ),
    );
    expect(named.length).toBeGreaterThan(30);
    for (const id of named) {
      expect(Object.keys(known), id).toContain(id);
      expect(laterCases[id], id).toBeUndefined();
    }
  });

  test("names the errors of what comes later", async () => {
    const codes = new Set(
      rows.flatMap(({ proof }) => [...proof.matchAll(/`([A-Z_]+)`/g)].map(([, code = ""]) => code)),
    );
    expect([...codes].toSorted()).toEqual(Object.keys(refusals).toSorted());
    for (const [code, calls] of Object.entries(refusals))
      for (const call of calls) expect(await codeOf(call), code).toBe(code);
  });

  test("says rightly what has no name yet", () => {
    const absent = rows.flatMap(({ proof }) =>
      [...proof.matchAll(/absent: ((?:`[^`]+`(?:, )?)+)/g)].flatMap(([, names = ""]) =>
        [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
      ),
    );
    expect(absent.length).toBeGreaterThan(15);
    expect(absent.filter((name) => name in core)).toEqual([]);
  });
});

test("a function swaps two variables: all new values come from the old ones", async () => {
  const [a, b] = [shared(1, { name: "a" }), shared(2, { name: "b" })];
  const swap = await compile({
    inputs: {},
    outputs: { a },
    updates: [
      [a, b],
      [b, a],
    ],
  });
  expect(swap({}).a.item()).toBe(1);
  expect([a.get().item(), b.get().item()]).toEqual([2, 1]);
});
