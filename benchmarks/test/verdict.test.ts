import { expect, test } from "vitest";
import type { Figure } from "../src/figure.ts";
import { compareFigures, isFailure, isSameClass, verdictText, withSecond } from "../src/verdict.ts";

function figure(name: string, value: number, more: Partial<Figure> = {}): Figure {
  const band = { low: 4, high: 6 };
  return { part: "S1", name, unit: "x", value, band, kind: "ratio", ...more };
}
const here = { leftOut: [], sameClass: true };

test("a figure is ok from one end of its band to the other, and outside beyond either", () => {
  const verdicts = [4, 6, 3.9, 6.1, NaN].map(
    (value) =>
      compareFigures([figure("a", 5)], { ...here, figures: [figure("a", value)] })[0]?.verdict,
  );
  expect(verdicts).toEqual(["ok", "ok", "outside", "outside", "missing"]);
});

test("a figure that nothing measured is missing, unless its part cannot be measured here", () => {
  const [missing] = compareFigures([figure("a", 5)], { ...here, figures: [figure("b", 5)] });
  expect(missing?.verdict).toBe("missing");
  const [other] = compareFigures([figure("a", 5)], { ...here, figures: [], leftOut: ["S1"] });
  expect(other?.verdict).toBe("left out");
});

test("times are compared on the same class of machine only, ratios everywhere", () => {
  const figures = [figure("ms", 50, { kind: "absolute" }), figure("x", 50)];
  const written = figures.map((one) => ({ ...one, value: 5 }));
  const compared = compareFigures(written, { leftOut: [], figures, sameClass: false });
  expect(compared.map(({ verdict }) => verdict)).toEqual(["other machine", "outside"]);
  expect(compared.map(isFailure)).toEqual([false, true]);
});

test("the class of a machine is its processor, its cores and its engine", () => {
  const machine = {
    cpu: "Some CPU",
    cores: 2,
    gigabytes: 24,
    system: "Linux x64",
    node: "20.19.0",
    v8: "11.3.244.8",
  };
  expect(isSameClass(machine, { ...machine, node: "20.20.2", v8: "11.3.999", gigabytes: 8 })).toBe(
    true,
  );
  expect(isSameClass(machine, { ...machine, v8: "13.6.1" })).toBe(false);
  expect(isSameClass(machine, { ...machine, cpu: "Another" })).toBe(false);
  expect(isSameClass(machine, { ...machine, cores: 4 })).toBe(false);
});

test("a second measurement counts for what was outside, and for nothing else", () => {
  const written = ["a", "b", "c"].map((name) => figure(name, 5));
  const measure = (values: readonly number[]) =>
    compareFigures(written, {
      ...here,
      figures: values.map((value, i) => figure(["a", "b", "c"][i] ?? "", value)),
    });
  const joined = withSecond(measure([5, 9, 9]), measure([9, 5, 8]));
  expect(joined.map(({ verdict }) => verdict)).toEqual(["ok", "ok, measured again", "outside"]);
});

test("the table names each figure with its band, and counts", () => {
  const written = [figure("a", 5), figure("b", 5), figure("c", 5, { part: "gpu" })];
  const figures = [figure("a", 5.5), figure("b", 7)];
  const text = verdictText(compareFigures(written, { figures, leftOut: ["gpu"], sameClass: true }));
  expect(text.split("\n")).toEqual([
    "| part | figure | unit | written | measured |       band |  verdict |",
    "| ---- | ------ | ---- | ------: | -------: | ---------: | -------: |",
    "| S1   | a      | x    |    5.00 |     5.50 | 4.00..6.00 |       ok |",
    "| S1   | b      | x    |    5.00 |     7.00 | 4.00..6.00 |  outside |",
    "| gpu  | c      | x    |    5.00 |        - | 4.00..6.00 | left out |",
    "",
    "3 figures: 1 within their bands, 1 outside, 1 not compared.",
    "",
  ]);
});
