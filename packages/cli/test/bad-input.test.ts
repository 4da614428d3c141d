import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./fake-terminal.ts";
import { labelOf, run, succeed, tiny, words } from "./run-command.ts";

describe("the run folder", () => {
  test("that does not exist, is a file, or is none", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    expect(await run(folder, "eval nowhere")).toMatchObject({
      code: 1,
      err: "error: there is no folder nowhere\n  hint: give the folder that `scan-train train` printed at its end, or a model.safetensors\n",
    });
    expect((await run(folder, "predict file x")).err).toMatch(
      /^error: file is a file, and no model \(\.safetensors\)\n/,
    );
    expect((await run(folder, "inspect .")).err).toMatch(
      /^error: \. is not the folder of a finished run: it has no config\.json\n/,
    );
  });

  test("is not overwritten unless forced, and is left alone when it cannot be written", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "words.csv"),
      `text,label\n${words(40)
        .map((w) => `${w},${labelOf(w)}\n`)
        .join("")}`,
    );
    const command = `train --data words.csv --epochs 1 --workers 1 ${tiny}`;
    expect(await run(folder, `${command} --out .`)).toMatchObject({
      code: 2,
      err: "error: --out .: the folder is not empty\n  hint: choose another folder, or say --force to overwrite a run in it\n",
    });
    expect(await run(folder, `${command} --out words.csv/run`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^error: cannot write into words\.csv\/run: it is a file, or lies under one\n/,
      ),
    });
    await succeed(folder, `${command} --out here --force`);
    await succeed(folder, `${command} --out here --force`);
    expect(existsSync(join(folder, "here", "model.safetensors"))).toBe(true);
  });
});

describe("data that cannot be learnt from", () => {
  const cases: readonly (readonly [
    content: string,
    flags: string,
    code: number,
    message: RegExp,
  ])[] = [
    ["", "", 1, /^error: data\.csv is empty\n/],
    ["text,label\n", "", 1, /^error: data\.csv holds no row after its header\n/],
    [
      "text,label\na,x\nb,x\nc,x\nd,x\n",
      "",
      1,
      /^error: every row to train on has the label "x"\n/,
    ],
    [
      "text,label\na,x\nb\n",
      "",
      1,
      /^error: data\.csv has a fault:\n {2}data\.csv:3: expected 2 cells/,
    ],
    [
      "text,label\na,x\nb,y\n",
      "--label kind",
      2,
      /^error: --label kind: data\.csv has no column "kind"\n {2}hint: its columns are "text", "label"\n/,
    ],
    [
      "text\nab\nba\n",
      "--bidirectional",
      2,
      /^error: --bidirectional: a model that reads backwards/,
    ],
    [
      "text,label\na,x\nb,y\n",
      "--test-fraction 0.9 --validation-fraction 0.9",
      2,
      /leave too few rows to train on/,
    ],
  ];
  test.for(cases)("%j %s", async ([content, flags, code, message]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "data.csv"), content);
    const command = `train --data data.csv ${flags}`.trim();
    const outcome = await run(folder, command);
    expect(outcome.err).toMatch(message);
    expect(outcome.code).toBe(code);
    expect(readdirSync(folder)).toEqual(["data.csv"]);
  });

  test.for(["text", "sequence", "label", "target"])("--%s without a file", async (flag) => {
    const folder = temporaryFolder();
    expect(await run(folder, `train --${flag} stars`)).toEqual({
      code: 2,
      out: "",
      err: `error: --${flag} stars: there is no file to take the column from\n  hint: name the file with --data FILE\n`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a file that is not there", async () => {
    const folder = temporaryFolder();
    expect(await run(folder, "train --data=")).toMatchObject({
      code: 2,
      err: "error: --data: expected a file, got an empty text\n  hint: name a JSONL or CSV file\n",
    });
    expect((await run(folder, "train --data none.csv")).err).toBe(
      "error: cannot read none.csv: there is no such file\n  hint: give a JSONL or CSV file that you may read\n",
    );
  });

  test("a loss that leaves the numbers", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "data.csv"),
      `x,y\n${words(40)
        .map((w, i) => `${i} ${w.length},${i}\n`)
        .join("")}`,
    );
    const command =
      "train --data data.csv --target y --optimizer sgd --lr 100 --clip 0 --schedule constant --epochs 50 --cell rnn";
    const { code, err } = await run(folder, `${command} --workers 1`);
    expect(err).toMatch(/^error: training failed: .*not (a )?finite/);
    expect(err).toMatch(/hint: lower the learning rate \(--lr 10\)/);
    expect(code).toBe(1);
  });
});
