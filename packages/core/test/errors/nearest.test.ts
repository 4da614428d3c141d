/** What a word that is not known most likely means, and what is said about it. */
import { describe, expect, test } from "vitest";
import { unknownOption } from "../../src/errors/known-options.ts";
import { nearest, suggest } from "../../src/errors/nearest.ts";
import { Tensor, vector } from "../../src/index.ts";

const optimizer = ["learningRate", "clipNorm", "decay", "epsilon"];
const trainer = ["data", "model", "optimizer", "batchSize", "workers", "seed"];

describe("the nearest word", () => {
  test.each([
    ["learninRate", optimizer, "learningRate"],
    ["hihg", ["low", "high", "dtype"], "high"],
    ["clipnorm", optimizer, "clipNorm"],
    ["learning_rate", optimizer, "learningRate"],
    ["batch-size", trainer, "batchSize"],
    ["optimiser", trainer, "optimizer"],
  ])("%s is spelt like one", (word, known, meant) => expect(nearest(word, known)).toBe(meant));
  test.each([
    ["lr", optimizer, "learningRate"],
    ["eps", optimizer, "epsilon"],
    ["alpha", optimizer, "decay"],
    ["max_norm", optimizer, "clipNorm"],
    ["bs", trainer, "batchSize"],
    ["threads", trainer, "workers"],
    ["std", ["mean", "deviation", "dtype"], "deviation"],
    ["end", ["start", "stop", "step"], "stop"],
    ["end", ["from", "to", "steps"], "to"],
    ["fn", ["sequences", "init", "step"], "step"],
    ["units", ["inputSize", "hiddenSize"], "hiddenSize"],
    ["units", ["inputSize", "outputSize"], "outputSize"],
  ])("%s is one in another library", (word, known, meant) =>
    expect(nearest(word, known)).toBe(meant),
  );
  test("is none where none is near, and then all are named", () => {
    expect(nearest("momentum", optimizer)).toBeUndefined();
    expect(nearest("lr", trainer)).toBeUndefined();
    expect(suggest("momentum", ["decay", "epsilon"])).toBe("the names are decay, epsilon");
    expect(suggest("decai", ["decay", "epsilon"])).toBe('did you mean "decay"?');
  });
});

describe("options are wrong", () => {
  const said = (options: unknown, known = ["low", "high"]): string => {
    const { problem, hint } = unknownOption(options, known) ?? { problem: "well", hint: "" };
    return `uniform ${problem}; ${hint}`;
  };
  test("when one is unknown", () => {
    expect(said({ low: 1, hihg: 2 })).toBe(
      "uniform has no option hihg; did you mean high? The options are low, high",
    );
    expect(said({ shape: 1 })).toBe("uniform has no option shape; the options are low, high");
    expect(said({ keepDim: 1 }, ["keepdims"])).toBe(
      "uniform has no option keepDim; did you mean keepdims? The only option is keepdims",
    );
  });
  test("when they are no record", () => {
    const hint = "the options are low, high";
    expect(said("int32")).toBe(`uniform takes options by name, not "int32"; ${hint}`);
    expect(said(3)).toBe(`uniform takes options by name, not 3; ${hint}`);
    expect(said(undefined)).toBe(`uniform takes options by name, not undefined; ${hint}`);
    expect(said(null)).toBe(`uniform takes options by name, not null; ${hint}`);
    expect(said([1, 2])).toBe(`uniform takes options by name, not a list; ${hint}`);
    expect(said(() => 3)).toBe(`uniform takes options by name, not a function; ${hint}`);
    const x = vector("x");
    expect(x).toBeInstanceOf(Tensor);
    expect(said(x)).toBe(`uniform takes options by name, not an instance of Tensor; ${hint}`);
  });
  test("and well when all are known, in an object of whatever class", () => {
    class Range {
      readonly low = 1;
    }
    expect(said(new Range())).toBe("uniform well; ");
    expect(said({ high: undefined })).toBe("uniform well; ");
    expect(said(Object.create(null))).toBe("uniform well; ");
  });
});
