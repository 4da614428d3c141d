import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linesOf } from "../src/data/input-lines.ts";
import { mostSteps } from "../src/data/limits.ts";
import { parseCsv } from "../src/data/parse-csv.ts";
import { parseJsonl } from "../src/data/parse-jsonl.ts";
import { Problems } from "../src/data/problems.ts";
import { makeFolder, temporaryFolder } from "./fake-terminal.ts";
import { jsonl, labelOf, run, succeed, tiny, words } from "./run-command.ts";

const hint = "cut long rows into several, or allow them with --max-length COUNT";

describe("a row that would take all memory is refused by file, line and column", () => {
  const long = "a".repeat(4_000_000);
  const cases: readonly (readonly [name: string, content: string, flags: string, fault: string])[] =
    [
      [
        "a cell of text",
        `text,label\nab,x\n${long},y\n`,
        "",
        'data:3: "text": expected at most 20,000 characters, got 4,000,000',
      ],
      [
        "a text to continue",
        `text\nab\n${long}\n`,
        "",
        'data:3: "text": expected at most 2,000,000 characters, got 4,000,000',
      ],
      [
        "a field of JSON",
        jsonl([
          { x: [1], y: 2.5 },
          { x: Array.from({ length: 20_001 }, () => 1), y: 2.5 },
        ]),
        "",
        'data:2: "x": expected at most 20,000 steps, got 20,001',
      ],
      [
        "more than the option allows",
        "text,label\nabc,x\nabcdef,y\n",
        " --max-length 5",
        'data:3: "text": expected at most 5 characters, got 6',
      ],
    ];
  test.for(cases)("%s", async ([, content, flags, fault]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "data"), content);
    expect(await run(folder, `train --data data${flags}`)).toEqual({
      code: 1,
      out: "",
      err: `error: data has a fault:\n  ${fault}\n  hint: ${hint}\n`,
    });
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  test("before it is looked into, where it is longer than any sequence needs", () => {
    const problems = (): Problems => new Problems("d");
    expect(() => parseCsv("d", "id,x\n1,2\n3,4 5 6 7\n", problems(), 8).problems.check()).toThrow(
      'd has a fault:\n  d:3: "x": expected at most 8 characters, got 10',
    );
    expect(() => parseJsonl("d", '{"x": 1}\n{"x": [[[[', problems(), 8).problems.check()).toThrow(
      "d has a fault:\n  d:2:9: expected at most 8 characters, got 10",
    );
  });

  test("as is a file that is larger than a text can be", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "data.csv"), "");
    truncateSync(join(folder, "data.csv"), 2 ** 30);
    const { code, err } = await run(folder, "train --data data.csv");
    expect(err).toMatch(
      /^error: cannot read data\.csv: it has 1,073,741,824 bytes, and at most [\d,]+ fit\n {2}hint: take a part of its rows\n$/,
    );
    expect(code).toBe(1);
  });
});

describe("--max-length", () => {
  const { folder, remove } = makeFolder();
  afterAll(remove);
  beforeAll(async () => {
    const rows = words(60).map((text) => ({ text, label: labelOf(text) }));
    writeFileSync(join(folder, "words.jsonl"), jsonl(rows));
    writeFileSync(join(folder, "long.csv"), "text,label\nab,vowel\nabcabcabc,consonant\n");
    await succeed(folder, `train --data words.jsonl --max-length 7 --epochs 1 --workers 1 ${tiny}`);
  });
  const fault = "expected at most 7 characters, got 9";

  test("holds for eval and predict as it did for train, and can be raised", async () => {
    await succeed(folder, "eval runs/words");
    expect(await run(folder, "eval runs/words --data long.csv")).toMatchObject({
      code: 1,
      err: `error: long.csv has a fault:\n  long.csv:3: "text": ${fault}\n  hint: ${hint}\n`,
    });
    await succeed(folder, "eval runs/words --data long.csv --max-length 9");
    expect(await run(folder, "predict runs/words ab abcabcabc")).toMatchObject({
      code: 1,
      err: `error: argument has a fault:\n  argument:2: ${fault}\n  hint: ${hint}\n`,
    });
    await succeed(folder, "predict runs/words abcabcabc --max-length 9");
    const input = ["ab", "abcabcabc"];
    expect((await run(folder, "predict runs/words", { input })).err).toContain(
      `standard input:2: ${fault}\n  hint: ${hint}\n`,
    );
  });

  test("has a default for sequences, and one for texts that are read in pieces", () => {
    expect([mostSteps("label"), mostSteps("next"), mostSteps("next", 3)]).toEqual([
      20_000, 2_000_000, 3,
    ]);
  });

  test("is refused where no file is read", async () => {
    expect(await run(folder, "train --max-length 9")).toMatchObject({
      code: 2,
      err: "error: --max-length: there is no file whose rows could be long\n  hint: name the file with --data FILE\n",
    });
  });
});

describe("lines of standard input", () => {
  const lines = async (chunks: readonly (string | Uint8Array)[], most = 100): Promise<string[]> => {
    async function* stream(): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield Buffer.from(chunk);
    }
    const found: string[] = [];
    for await (const line of linesOf(stream(), most, "standard input")) found.push(line);
    return found;
  };

  test("come whole from any chunks, without byte order mark and carriage returns", async () => {
    expect(await lines(["\uFEFFab\r", "\nc", "d\n\ne"])).toEqual(["ab", "cd", "", "e"]);
    const [first, second] = [Uint8Array.of(0xc3), Uint8Array.of(0xa9, 0x0a)];
    expect(await lines([first, second])).toEqual(["é"]);
  });

  test("are never kept much beyond the most", async () => {
    const [line, next] = await lines([...Array.from({ length: 1000 }, () => "abc"), "\nab\n"], 10);
    expect([line?.length, next]).toEqual([12, "ab"]);
  });

  test.for([
    ["latin1", Uint8Array.of(0x74, 0xe9, 0x0a)],
    ["UTF-16", Buffer.from("ab\n", "utf16le")],
    ["a character cut off", Uint8Array.of(0xc3)],
  ] as const)("must be text: %s", async ([, bytes]) => {
    await expect(lines([bytes])).rejects.toThrow("standard input is not UTF-8 text");
  });
});
