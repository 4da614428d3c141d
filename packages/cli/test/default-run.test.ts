import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readNames } from "../src/data/names.ts";
import { splitExamples } from "../src/data/split.ts";
import { main } from "../src/main.ts";
import { fakeTerminal } from "./fake-terminal.ts";

test("the default run learns names: 84.5 % of the test names, by its summary, eval and predict", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "scan-train-names-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));

  const training = fakeTerminal({ folder });
  expect(await main(["train"], training)).toBe(0);
  const line = /^test .*$/m.exec(training.printed())?.[0] ?? "";
  expect(line).toMatch(
    /^test {5}accuracy \d+\.\d %; baselines: majority 56\.0 %, last letter 78\.8 %/,
  );
  expect(training.printed()).toMatch(/^saved {4}runs\/names$/m);

  const evaluation = fakeTerminal({ folder });
  expect(await main(["eval", "runs/names"], evaluation)).toBe(0);
  expect(evaluation.printed()).toBe(`${line}\n`);

  const held = splitExamples(readNames(), { validation: 0.1, test: 0.1 }).test;
  const prediction = fakeTerminal({ folder, input: held.map(({ input }) => String(input)) });
  expect(await main(["predict", "runs/names", "--json"], prediction)).toBe(0);
  const answers = prediction
    .printed()
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text));
  const right = held.filter(({ target }, index) => answers[index].label === target).length;
  const accuracy = right / held.length;
  expect(accuracy).toBeGreaterThanOrEqual(0.845);
  expect(line).toContain(`accuracy ${(100 * accuracy).toFixed(1)} %`);
}, 120_000);
