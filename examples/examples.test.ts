// Every example runs, and comes to what it promises.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project, root } from "../docs/project.ts";

const folder = join(root, "examples");
const names = readdirSync(folder)
  .filter((name) => /^[^.]+\.ts$/.test(name))
  .map((name) => name.slice(0, -".ts".length));

/** What Theano 1.0.5 computes for the slides' network with the weights of the example, in float64. */
const theano = {
  cost: [2.167329782720557],
  dbh: [0.1976332, 0.0391197, 0.7155237, -0.5045006],
  dbo: [-1.3066598, 1.3066598],
};

const numbersIn = (text: string): number[] =>
  [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g)].map(([number]) => Number(number));

/** The numbers after `label` in the line that has it. */
function after(lines: readonly string[], label: string): number[] {
  const line = lines.find((text) => text.includes(label)) ?? "";
  return numbersIn(line.slice(line.indexOf(label) + label.length).replace(/[fi]\d+\[[^\]]*\]/, ""));
}

describe("examples", () => {
  const project = new Project();
  let faults: string[] = [];
  beforeAll(() => {
    for (const name of names)
      project.addProgram(name, readFileSync(join(folder, `${name}.ts`), "utf8"));
    project.write("plain.js", readFileSync(join(folder, "seed-rnn.js"), "utf8"));
    faults = project.compile();
  }, 120_000);
  afterAll(() => project.close());

  function output(name: string): readonly string[] {
    const { printed = [], failure = "" } = project.run([name])[0] ?? {};
    expect(failure).toBe("");
    return printed;
  }

  test("compile under strict options", () => {
    expect(names).toEqual(["adding-problem", "notebook-rnn", "seed-rnn"]);
    expect(faults).toEqual([]);
  });

  test("seed-rnn begins with Theano's numbers and learns, in TypeScript and in JavaScript alike", () => {
    const lines = output("seed-rnn");
    for (const [name, expected] of Object.entries(theano)) {
      const found = after(lines, `${name} = `);
      expect(found).toHaveLength(expected.length);
      for (const [i, x] of expected.entries()) expect(found[i]).toBeCloseTo(x, 5);
    }
    expect(after(lines.slice(lines.indexOf("after 500 steps")), "cost = ")[0]).toBeLessThan(0.8);
    expect(output("plain")).toEqual(lines);
  });

  test(
    "notebook-rnn has the notebook's shapes and learns what its data hold",
    { timeout: 120_000 },
    () => {
      const lines = output("notebook-rnn");
      expect(after(lines, "shapes of X, h, y: ")).toEqual([100, 7, 100, 50, 100, 7]);
      const [first = 0, last = Infinity] = [
        after(lines, "epoch 1 error: ")[0],
        after(lines, "epoch 20 error: ")[0],
      ];
      expect(last).toBeLessThan(0.25 * first);
      expect(after(lines, "accuracy on new sequences: ")[0]).toBeGreaterThan(0.7);
    },
  );

  test("adding-problem falls far below the baseline", { timeout: 120_000 }, () => {
    const lines = output("adding-problem");
    expect(after(lines, "epoch 1 loss ")[0]).toBeGreaterThan(1 / 6);
    expect(after(lines, "test loss ")[0]).toBeLessThan(0.01);
  });
});

// A clone of the repository alone has no recorded cases.
const recorded = join(root, "../shared/golden/seed-rnn-two-outputs-bptt-full.json");
test.skipIf(!existsSync(recorded))("Theano's numbers are those of the recorded case", () => {
  const { runs } = JSON.parse(readFileSync(recorded, "utf8")) as {
    runs: { float64: { calls: { outputs: Record<string, { data: number | number[] }> }[] } };
  };
  const outputs = runs.float64.calls[0]?.outputs ?? {};
  const entries = { cost: "cost", dbh: "d(cost)/d(bh)", dbo: "d(cost)/d(bo)" } as const;
  for (const name of ["cost", "dbh", "dbo"] as const)
    for (const [i, x] of [outputs[entries[name]]?.data ?? []].flat().entries())
      expect(theano[name][i]).toBeCloseTo(x, 6);
});
