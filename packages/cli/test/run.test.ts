import { createHash } from "node:crypto";
import { readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder } from "./fake-terminal.ts";
import { jsonl, labelOf, run, succeed, tiny, words } from "./run-command.ts";

const sha256 = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");

describe("a run on a file of words", () => {
  const { folder, remove } = makeFolder();
  afterAll(remove);
  beforeAll(async () => {
    const rows = words(240).map((text) => ({ text, label: labelOf(text) }));
    writeFileSync(join(folder, "words.jsonl"), jsonl(rows));
    await succeed(folder, `train --data words.jsonl --epochs 6 --workers 2 ${tiny} --log-shards`);
  });
  const file = (name: string): string => join(folder, "runs", "words", name);

  test("writes everything that is needed later, and nothing half", () => {
    expect(readdirSync(join(folder, "runs", "words")).sort()).toEqual([
      "checkpoint.safetensors",
      "config.json",
      "metrics.jsonl",
      "model.safetensors",
      "shards.jsonl",
    ]);
  });

  test("logs which worker did which shard", () => {
    const events = readFileSync(file("shards.jsonl"), "utf8").trimEnd().split("\n");
    const [header, ...shards] = events.map((line) => JSON.parse(line));
    expect(header).toEqual({ kind: "log", version: 2 });
    for (const event of shards) {
      expect(event).toEqual({
        kind: "shard",
        epoch: expect.any(Number),
        step: expect.any(Number),
        shard: expect.any(Number),
        worker: expect.any(Number),
      });
    }
    expect(shards.length).toBeGreaterThan(6);
    const first = shards[0];
    expect(first).toMatchObject({ epoch: 1, step: 1 });
    expect(new Set(shards.map(({ epoch }) => epoch))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  test("gives the same bytes for other numbers of workers, in numbered folders", async () => {
    for (const [workers, name] of [
      [1, "words-2"],
      [3, "words-3"],
    ] as const) {
      const out = await succeed(
        folder,
        `train --data words.jsonl --epochs 6 --workers ${workers} ${tiny}`,
      );
      expect(out).toContain(`saved    ${join("runs", name)}\n`);
      expect(sha256(join(folder, "runs", name, "model.safetensors"))).toBe(
        sha256(file("model.safetensors")),
      );
      expect(readFileSync(join(folder, "runs", name, "config.json"), "utf8")).toBe(
        readFileSync(file("config.json"), "utf8"),
      );
    }
  });

  test("eval finds the same test rows and measures what training measured", async () => {
    const metrics = readFileSync(file("metrics.jsonl"), "utf8").trimEnd().split("\n");
    const { summary } = JSON.parse(metrics.at(-1) ?? "");
    const measured = JSON.parse(await succeed(folder, "eval runs/words --json"));
    expect(measured).toEqual(summary.result);
    expect(measured.scores.metrics.accuracy).toBeGreaterThan(0.9);
    expect(await succeed(folder, "eval runs/words")).toMatch(
      /^test {5}accuracy \d+\.\d %; baselines: majority \d+\.\d %, last letter 100\.0 %  \(loss .*, on 30 rows\)\n$/,
    );
  });

  test("eval says when the file has changed", async () => {
    const path = join(folder, "words.jsonl");
    const before = readFileSync(path, "utf8");
    writeFileSync(path, `${before}{"text": "abcde", "label": "vowel"}\n`);
    const { code, err } = await run(folder, "eval runs/words");
    writeFileSync(path, before);
    expect(err).toBe(
      "note: words.jsonl has changed since runs/words was trained: its test rows may be others\n",
    );
    expect(code).toBe(0);
  });

  test("eval on another file needs the run's columns and labels", async () => {
    writeFileSync(join(folder, "more.csv"), "text,label\nabba,vowel\nb,consonant\n");
    expect(await succeed(folder, "eval runs/words --data more.csv")).toMatch(
      /^file {5}accuracy .* on 2 rows\)\n$/,
    );
    writeFileSync(join(folder, "other.csv"), "word,label\nabba,vowel\n");
    expect((await run(folder, "eval runs/words --data other.csv")).err).toMatch(
      /other\.csv has no column "text"/,
    );
    writeFileSync(join(folder, "odd.csv"), "text,label\nabba,odd\n");
    expect((await run(folder, "eval runs/words --data odd.csv")).err).toMatch(
      /odd\.csv:2: "label": label "odd" is not one of the model's: "consonant", "vowel"/,
    );
  });

  test("predict answers arguments and standard input", async () => {
    const out = await succeed(folder, "predict runs/words abba bcb");
    expect(out).toMatch(/^abba {2}vowel {6}\d+\.\d %\nbcb {3}consonant {2}\d+\.\d %\n$/);
    const lines = await succeed(folder, "predict runs/words --json", {
      input: ["abba", "", "bcb"],
    });
    const answers = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers).toMatchObject([
      { input: "abba", label: "vowel" },
      { input: "bcb", label: "consonant" },
    ]);
    const { probabilities } = answers[0];
    expect(probabilities.vowel + probabilities.consonant).toBeCloseTo(1, 5);
  });

  test("predict without inputs says what it wants", async () => {
    expect(await run(folder, "predict runs/words")).toEqual({
      code: 2,
      out: "",
      err: "error: nothing to predict\n  hint: give inputs after the run, or pipe them in, one a line\n",
    });
  });

  test("inspect shows parameters, the embedding, and what the compiler did", async () => {
    const out = await succeed(folder, "inspect runs/words");
    expect(out).toMatch(/^gru\.Wh +\[8, 24\] +192 +\d+\.\d{4}$/m);
    expect(out).toMatch(/^ {2}backend +wasm$/m);
    expect(out).toMatch(/^compiled gradient$/m);
    expect(out).toMatch(/^ {2}simplify: \d+ -> \d+ applications$/m);
    expect(out).toMatch(/^ {2}unchanged: fold constants, /m);
    expect(out).toMatch(
      /^ {2}embedding +vocabulary 7 \(5 characters, all others, start and end\), width 8$/m,
    );
    const { config, embedding, parameters, programs } = JSON.parse(
      await succeed(folder, "inspect runs/words --json"),
    );
    expect(embedding).toEqual({ vocabulary: 7, width: 8 });
    expect(config.model.hidden).toBe(8);
    expect(parameters.map(({ name }: { name: string }) => name)).toContain("embedding.table");
    expect(Object.keys(programs)).toEqual(["predict", "gradient", "update", "evaluate"]);
  });

  describe("a damaged run", () => {
    const cases: readonly (readonly [
      what: string,
      file: string,
      damage: (path: string) => void,
      message: RegExp,
    ])[] = [
      [
        "cut weights",
        "model.safetensors",
        (path) => truncateSync(path, 900),
        /damaged weights: .*model\.safetensors/,
      ],
      [
        "cut weights in the header",
        "model.safetensors",
        (path) => truncateSync(path, 4),
        /has only 4 bytes/,
      ],
      [
        "config that is no JSON",
        "config.json",
        (path) => truncateSync(path, 20),
        /config\.json is damaged: it is not JSON/,
      ],
      [
        "config with a wrong value",
        "config.json",
        (path) =>
          writeFileSync(
            path,
            readFileSync(path, "utf8").replace('"hidden": 8', '"hidden": "many"'),
          ),
        /config\.json is damaged: model\.hidden: expected a whole number from 1 to 4096, got "many"/,
      ],
      [
        "config of another model",
        "config.json",
        (path) =>
          writeFileSync(path, readFileSync(path, "utf8").replace('"hidden": 8', '"hidden": 9')),
        /model\.safetensors holds "gru\.Wx" as \[8, 24\] in place of \[8, 27\]/,
      ],
      [
        "config of a newer version",
        "config.json",
        (path) =>
          writeFileSync(path, readFileSync(path, "utf8").replace('"version": 1', '"version": 2')),
        /was written by a newer scan-train \(format 2\)/,
      ],
    ];
    test.for(cases)(
      "%s: every command says so and ends with 1",
      async ([, name, damage, message]) => {
        const before = readFileSync(file(name));
        damage(file(name));
        const outcomes = [];
        for (const command of ["eval runs/words", "predict runs/words ab", "inspect runs/words"]) {
          outcomes.push(await run(folder, command));
        }
        writeFileSync(file(name), before);
        for (const { code, err } of outcomes) {
          expect(err).toMatch(message);
          expect(err).toMatch(/^error: .*\n {2}hint: .*\n$/);
          expect(code).toBe(1);
        }
      },
    );
  });
});
