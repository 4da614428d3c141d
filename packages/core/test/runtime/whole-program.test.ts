/** One compiled training step for every size: one module, and bit for bit what the loop interpreter says. */
import { describe, expect, test, vi } from "vitest";
import { compile, Store, type Shared } from "../../src/index.ts";
import { allStatements } from "../../src/loop-ir/walk.ts";
import { runInterpreted } from "./interpreted.ts";
import { buildOf, lstmLanguageModel, maskedGru, seedRnn, type Model } from "./models.ts";

const sizes = [
  [0, 1],
  [1, 1],
  [1, 3],
  [2, 1],
  [2, 5],
  [3, 4],
  [4, 8],
  [5, 2],
  [5, 5],
  [6, 1],
  [7, 3],
  [8, 8],
  [9, 2],
  [10, 7],
  [11, 1],
  [12, 6],
  [13, 3],
  [16, 16],
  [21, 5],
  [33, 2],
] as const;

/** Around blocks of 256 steps of products. */
const largeSizes = [
  [85, 3],
  [86, 3],
  [171, 3],
  [3, 86],
  [2, 260],
] as const;

const oneStepOrMore = sizes.filter(([T]) => T > 0);

/** Three gates of it are columns enough for the gradient of the weights to copy blocks of the states. */
const wideGru = (): Model => maskedGru(23);

const models = [
  ["lstmLanguageModel", lstmLanguageModel, oneStepOrMore],
  ["maskedGru", maskedGru, sizes],
  ["seedRnn", seedRnn, oneStepOrMore],
  ["wideGru", wideGru, [...sizes, ...largeSizes]],
] as const;

describe.each(models)("%s", (_, make, its) => {
  test.each(["full", "none"] as const)(
    "equals the loop interpreter in every bit for many sizes, optimize %s",
    async (optimize) => {
      const model = make();
      const compileSpy = vi.spyOn(WebAssembly, "compile");
      const step = await compile({
        inputs: model.inputs,
        outputs: { cost: model.cost },
        updates: model.updates,
        optimize,
        store: new Store(),
      });
      expect(compileSpy).toHaveBeenCalledTimes(1);
      const built = buildOf(model, optimize);
      const targets = built.shared as readonly Shared[];
      for (const [T, B] of its) {
        const values = model.values(T, B);
        const want = runInterpreted(
          built,
          Object.entries(model.inputs),
          Object.keys(model.inputs).map((input) => values[input] ?? expect.fail(input)),
        );
        const got = step(values);
        expect([...got.cost.data], `cost at T ${T}, B ${B}`).toEqual([
          ...(want.outputs.get("cost") ?? []),
        ]);
        for (const [i, variable] of targets.entries()) {
          const place = built.plan.shared[i]?.name ?? "";
          expect(variable.get().data, `${place} at T ${T}, B ${B}`).toEqual(want.shared.get(place));
        }
      }
      expect(compileSpy).toHaveBeenCalledTimes(1);
      compileSpy.mockRestore();
    },
  );

  test("the same graph gives the same bytes", () => {
    const model = make();
    expect(buildOf(model).bytes).toEqual(buildOf(model).bytes);
  });
});

test("the wide model's gradient copies blocks of the states", () => {
  const statements = buildOf(wideGru()).program.entries.flatMap(({ body }) => allStatements(body));
  expect(statements.some((s) => s.kind === "matmul" && s.scratch !== undefined)).toBe(true);
});
