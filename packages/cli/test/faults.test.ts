import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./fake-terminal.ts";
import { labelOf, run, succeed, tiny, words } from "./run-command.ts";

const rows = words(40);
const csv = `text,label\n${rows.map((word) => `${word},${labelOf(word)}\n`).join("")}`;
const training = `--epochs 1 --workers 1 ${tiny}`;

describe("data files that are no rows of text", () => {
  const utf16 = (order: "le" | "be", mark: boolean): Buffer => {
    const bytes = Buffer.from(`${mark ? "\ufeff" : ""}${csv}`, "utf16le");
    return order === "le" ? bytes : bytes.swap16();
  };
  const cases: readonly (readonly [
    what: string,
    file: string,
    content: string | Buffer,
    message: RegExp,
  ])[] = [
    [
      "UTF-16 with its mark",
      "a.csv",
      utf16("le", true),
      /^error: a\.csv is UTF-16 text, and UTF-8 is wanted\n {2}hint: convert it first, for example: iconv -f utf-16 /,
    ],
    ["UTF-16 of the other order", "a.csv", utf16("be", true), /a\.csv is UTF-16 text/],
    ["UTF-16 without a mark", "a.csv", utf16("le", false), /a\.csv is UTF-16 text/],
    [
      "zero bytes",
      "a.csv",
      Buffer.from(`${csv}\0\0${csv}`),
      /a\.csv is not text: it holds zero bytes/,
    ],
    [
      "another encoding",
      "a.csv",
      Buffer.from("text,label\ncaf\xe9,x\n", "latin1"),
      /a\.csv is not UTF-8 text\n.*iconv -f latin1/,
    ],
    [
      "one list of JSON",
      "a.jsonl",
      '[{"text": "a", "label": "x"}]\n',
      /a\.jsonl begins as one list of JSON, and one object in each line is wanted\n.*jq -c/,
    ],
    [
      "a field twice",
      "a.jsonl",
      '{"text": "a", "label": "x"}\n{"text": "b", "text": "c \\" {", "label": "x"}\n',
      /a\.jsonl:2: two fields are called "text"/,
    ],
    [
      "a number among numbers that is none",
      "a.csv",
      `text,target\n${rows.map((_, i) => `w${i},${i === 3 ? "oops" : i * 1.5}\n`).join("")}`,
      /a\.csv:5: .*"oops"/,
    ],
  ];
  test.for(cases)("%s", async ([, file, content, message]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, file), content);
    const { code, err } = await run(folder, `train --data ${file} ${training} --out here`);
    expect(err).toMatch(message);
    expect(err).toMatch(/^ {2}hint: /m);
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual([file]);
  });

  test("a byte order mark and the line ends of Windows are read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.csv"), `\ufeff${csv.replaceAll("\n", "\r\n")}`);
    expect(await succeed(folder, `train --data a.csv ${training} --out here`)).toMatch(/label/);
  });
});

describe("files that a run would overwrite", () => {
  test.for([
    [
      "--data here/config.json --out here --force",
      /--data here\/config\.json: the run in here would overwrite it/,
    ],
    [
      "--data a.csv --out here --force --log here/model.safetensors",
      /--log here\/model\.safetensors: the run itself writes a file of that name/,
    ],
  ] as const)("%s", async ([flags, message]) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "here"));
    for (const file of ["a.csv", "here/config.json"]) writeFileSync(join(folder, file), csv);
    const { code, err } = await run(folder, `train ${flags} ${training}`);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    for (const file of ["a.csv", "here/config.json"])
      expect(readFileSync(join(folder, file), "utf8")).toBe(csv);
  });
});

describe("words of other programs", () => {
  test.for([
    ["fit --data a.csv", /unknown command 'fit'\n.*\nhint: it is called train here\n/],
    [
      "train --batch-size 3",
      /unknown option '--batch-size'.*\n(.*\n)?hint: it is called --batch here\n/,
    ],
    [
      "train --bidirectional=yes",
      /hint: an option that is a switch takes no value: say --bidirectional alone\n/,
    ],
    ["inspect a b", /hint: give one run\n/],
    ["eval a.csv b.csv", /hint: a data file is given with --data FILE\n/],
    ["train --lr 0x10", /Expected a number above 0/],
    ["train --epochs 1.5", /Expected a whole number/],
  ] as const)("%s", async ([command, message]) => {
    const { code, err } = await run(temporaryFolder(), command);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

describe("a run", () => {
  test("whose config contradicts itself, or whose data is gone", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.csv"), csv);
    await succeed(folder, `train --data a.csv ${training} --out here`);
    const path = join(folder, "here", "config.json");
    const config = readFileSync(path, "utf8");
    const edited = async (from: string | RegExp, to: string): Promise<string> => {
      expect(config).toMatch(from);
      writeFileSync(path, config.replace(from, to));
      const { code, err } = await run(folder, "predict here ab");
      expect(code).toBe(1);
      return err;
    };
    expect(await edited('"consonant"', '"vowel"')).toMatch(
      /config\.json is damaged: encoding\.target\.labels: one of them comes twice/,
    );
    expect(await edited('"target": "label"', '"target": "number"')).toMatch(
      /config\.json is damaged: task\.target: encoding\.target has label/,
    );
    expect(await edited(/"learningRate": [^,]*/, '"learningRate": -1')).toMatch(
      /training\.learningRate: expected a number above 0, got -1/,
    );
    expect(await edited(/"test": [\d.]*/, '"test": 2')).toMatch(
      /split\.test: expected a number from 0 to 1, got 2/,
    );
    writeFileSync(path, config);
    rmSync(join(folder, "a.csv"));
    expect((await run(folder, "eval here")).err).toMatch(
      /^error: there is no file a\.csv any more, on which here was trained\n {2}hint: put it back, or test on another file with --data FILE\n$/,
    );
  });

  test("leaves no older model beside a new config, and no folder when it fails", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.csv"), csv);
    await succeed(folder, `train --data a.csv ${training} --out here`);
    await succeed(
      folder,
      `train --data a.csv --epochs 1 --workers 1 --hidden 9 --out here --force`,
    );
    expect((await run(folder, "predict here ab")).code).toBe(0);
    rmSync(join(folder, "here"), { recursive: true });
    writeFileSync(
      join(folder, "a.csv"),
      `text,target\n${rows.map((word, i) => `${word},${i * 1.5}\n`).join("")}`,
    );
    const { code, err } = await run(
      folder,
      "train --data a.csv --epochs 1 --workers 1 --hidden 8 --batch 1 --lr 100 --optimizer sgd --clip 0 --out in/here",
    );
    expect(err).toMatch(/^error: training failed: /);
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(["a.csv"]);
  });

  test("takes no folder of the name of one of its files, and no empty name", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.csv"), csv);
    mkdirSync(join(folder, "here", "model.safetensors"), { recursive: true });
    const { code, err } = await run(folder, `train --data a.csv ${training} --out here --force`);
    expect(err).toMatch(/^error: cannot write into here: its model\.safetensors is a folder\n/);
    expect(code).toBe(1);
    expect(await run(folder, "inspect ")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/expected a run folder, got an empty text/),
    });
  });
});
