import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NDArray } from "@scan-train/core";
import { decodeTensors, encodeTensors } from "@scan-train/workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder } from "./fake-terminal.ts";
import { jsonl, labelOf, run, succeed, tiny, words } from "./run-command.ts";

const { folder, remove } = makeFolder();
const at = (...path: string[]): string => join(folder, ...path);
const file = at("elsewhere", "m.safetensors");

beforeAll(async () => {
  const rows = words(240).map((text) => ({ text, label: labelOf(text) }));
  writeFileSync(at("words.jsonl"), jsonl(rows));
  await succeed(folder, `train --data words.jsonl --epochs 2 --workers 1 ${tiny}`);
  mkdirSync(at("elsewhere"));
  copyFileSync(at("runs", "words", "model.safetensors"), file);
});
afterAll(remove);

describe("a model file, taken out of its run folder", () => {
  test("says what config.json says, but for the path of the data", () => {
    const { metadata } = decodeTensors(readFileSync(file), "m");
    expect(Object.keys(metadata)).toEqual(["scan-train run"]);
    const own = JSON.parse(metadata["scan-train run"] ?? "");
    const beside = JSON.parse(readFileSync(at("runs", "words", "config.json"), "utf8"));
    expect(beside.data.file).toBe("../../words.jsonl");
    delete beside.data.file;
    expect(own).toEqual(beside);
  });

  test("is the same file wherever the data lie and the run is written", async () => {
    mkdirSync(at("deeper", "still"), { recursive: true });
    copyFileSync(at("words.jsonl"), at("deeper", "still", "other.jsonl"));
    await succeed(
      folder,
      `train --data deeper/still/other.jsonl --out out --epochs 2 --workers 2 ${tiny}`,
    );
    expect(Buffer.compare(readFileSync(at("out", "model.safetensors")), readFileSync(file))).toBe(
      0,
    );
  });

  test("predicts and shows itself as the run folder does", async () => {
    const name = "elsewhere/m.safetensors";
    for (const command of [
      "predict RUN abba bcb",
      "predict RUN --json abba",
      "inspect RUN --json",
    ]) {
      const beside = await succeed(folder, command.replace("RUN", "runs/words"));
      expect(await succeed(folder, command.replace("RUN", name))).toBe(
        beside.replace(/^ *"file": "..*\n/m, ""),
      );
    }
    expect(await succeed(folder, `inspect ${name}`)).toMatch(/^elsewhere\/m\.safetensors: text ->/);
  });

  test("is tested on its own test rows when it is told which file it learnt, else on all rows", async () => {
    const name = "elsewhere/m.safetensors";
    expect(await run(folder, `eval ${name}`)).toEqual({
      code: 1,
      out: "",
      err: `error: ${name} does not say where the file is that it was trained on\n  hint: name it with --data FILE: of that file its test rows are taken, of another all rows\n`,
    });
    expect(await succeed(folder, `eval ${name} --data words.jsonl --json`)).toBe(
      await succeed(folder, "eval runs/words --json"),
    );
    writeFileSync(at("more.csv"), "text,label\nabba,vowel\nb,consonant\n");
    expect(await succeed(folder, `eval ${name} --data more.csv`)).toMatch(
      /^file .* on 2 rows\)\n$/,
    );
  });
});

describe("a file that is no whole model is refused by every command", () => {
  const parameter = new Map([["w", new NDArray("float32", [1], new Float32Array(1))]]);
  const rewritten = (change: (config: string) => string): Uint8Array => {
    const { tensors, metadata } = decodeTensors(readFileSync(file), "m");
    const config = change(metadata["scan-train run"] ?? "");
    return encodeTensors({ tensors, metadata: { "scan-train run": config } });
  };
  const noMeaning =
    "holds weights alone: it does not say of which model\n  hint: give the folder of the run; models trained since then carry their config";
  const cases: readonly (readonly [what: string, bytes: () => Uint8Array, message: string])[] = [
    [
      "of another program",
      () => encodeTensors({ tensors: parameter, metadata: { format: "pt" } }),
      `bad.safetensors ${noMeaning}`,
    ],
    [
      "of an older scan-train",
      () => encodeTensors({ tensors: parameter, metadata: {} }),
      `bad.safetensors ${noMeaning}`,
    ],
    [
      "a checkpoint",
      () => readFileSync(at("runs", "words", "checkpoint.safetensors")),
      "bad.safetensors is a checkpoint, from which only a trainer can go on\n  hint: give the model.safetensors beside it",
    ],
    [
      "no safetensors file",
      () => new TextEncoder().encode("text,label\nabba,vowel\n"),
      "damaged weights: bad.safetensors ends inside its header\n  hint: train again, or restore the file",
    ],
    [
      "an empty file",
      () => new Uint8Array(),
      "damaged weights: bad.safetensors has only 0 bytes\n  hint: train again, or restore the file",
    ],
    [
      "with a config that is no JSON",
      () => rewritten(() => "x"),
      "the config in bad.safetensors is damaged: it is not JSON (Unexpected token 'x')\n  hint: train again, or restore the file",
    ],
    [
      "with a config that does not hold together",
      () => rewritten((config) => config.replace('"hidden":8', '"hidden":"many"')),
      'the config in bad.safetensors is damaged: model.hidden: expected a whole number from 1 to 4096, got "many"\n  hint: train again, or restore the file',
    ],
    [
      "with a config of a newer version",
      () => rewritten((config) => config.replace('"version":1', '"version":2')),
      "bad.safetensors was written by a newer scan-train (format 2)\n  hint: update scan-train to read it",
    ],
  ];
  test.for(cases)("%s", async ([, bytes, message]) => {
    writeFileSync(at("bad.safetensors"), bytes());
    for (const command of ["eval", "predict", "inspect"])
      expect(await run(folder, `${command} bad.safetensors`)).toEqual({
        code: 1,
        out: "",
        err: `error: ${message}\n`,
      });
  });

  test("with numbers that do not fit its config", async () => {
    writeFileSync(
      at("bad.safetensors"),
      rewritten((config) => config.replace('"hidden":8', '"hidden":9')),
    );
    expect((await run(folder, "predict bad.safetensors ab")).err).toBe(
      'error: bad.safetensors holds "gru.Wx" as [8, 24] in place of [8, 27]: it belongs to another config\n  hint: restore model and config from the same run, or train again\n',
    );
  });

  test("cut off", async () => {
    copyFileSync(file, at("bad.safetensors"));
    truncateSync(at("bad.safetensors"), readFileSync(file).length - 4);
    expect((await run(folder, "predict bad.safetensors ab")).err).toMatch(
      /^error: damaged weights: bad\.safetensors does not hold ".*" as its header says\n/,
    );
  });

  test("one that is not there, or has another ending", async () => {
    const hint =
      "give the folder that `scan-train train` printed at its end, or a model.safetensors";
    expect((await run(folder, "predict none.safetensors ab")).err).toBe(
      `error: there is no file none.safetensors\n  hint: ${hint}\n`,
    );
    expect((await run(folder, "predict words.jsonl ab")).err).toBe(
      `error: words.jsonl is a file, and no model (.safetensors)\n  hint: ${hint}\n`,
    );
  });
});

test("a run folder of an older scan-train, whose model says nothing, is read", async () => {
  const model = at("runs", "words", "model.safetensors");
  const before = await succeed(folder, "predict runs/words abba --json");
  const { tensors } = decodeTensors(readFileSync(model), "m");
  writeFileSync(model, encodeTensors({ tensors, metadata: {} }));
  expect(await succeed(folder, "predict runs/words abba --json")).toBe(before);
  await succeed(folder, "eval runs/words");
});
