import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repeatedField } from "../src/data/repeated-field.ts";
import { temporaryFolder } from "./fake-terminal.ts";
import { jsonl, labelOf, run, succeed, tiny, words } from "./run-command.ts";

const rowHint = "no row is skipped in silence: correct these rows or take them out of the file";
const csv = `text,label\n${words(60)
  .map((w) => `${w},${labelOf(w)}\n`)
  .join("")}`;
const numbers = (cell: string): string =>
  `x,y\n${Array.from({ length: 40 }, (_, i) => `${i} 2,${i === 4 ? cell : i}\n`).join("")}`;

describe("a file that cannot be used is refused by the row and the field", () => {
  const cases: readonly (readonly [
    what: string,
    name: string,
    content: string,
    message: string,
  ])[] = [
    [
      "fields that are no texts and no labels",
      "d.jsonl",
      '{"text": "a", "label": "x"}\n{"text": null, "label": "y"}\n{"text": ["b"], "label": {}}\n',
      'd.jsonl has 3 faults:\n  d.jsonl:2: "text": expected a text, got null\n  d.jsonl:3: "text": expected a text, got a list of 1\n  d.jsonl:3: "label": expected a label (a text, a number, true or false), got an object',
    ],
    [
      "a line that is no JSON",
      "d.jsonl",
      '{"text": "a", "label": "x"}\n{"text": "b", "label":}\n',
      "d.jsonl has a fault:\n  d.jsonl:2:23: expected a JSON object, but the line is not JSON: Unexpected token '}'",
    ],
    [
      "rows and cells, in one round",
      "d.csv",
      "text,label\na,x\n,y\nb,x,y\nc,\n",
      'd.csv has 3 faults:\n  d.csv:3: "text": expected a text, got an empty text\n  d.csv:4: expected 2 cells ("text", "label"), got 3\n  d.csv:5: "label": expected a label (a text, a number, true or false), got an empty text',
    ],
    [
      "lines and fields, in one round",
      "d.jsonl",
      '{"text": "a", "label": "x"}\n{"text": 1, "label": null}\n{"text"}\n',
      "d.jsonl has 2 faults:\n  d.jsonl:2: \"label\": expected a label (a text, a number, true or false), got null\n  d.jsonl:3:8: expected a JSON object, but the line is not JSON: Expected ':' after property name",
    ],
    [
      "a number that models cannot hold",
      "d.csv",
      numbers("1e39"),
      'd.csv has a fault:\n  d.csv:6: "y": expected a number of at most 3.4e+38 either way, got "1e39"',
    ],
  ];
  test.for(cases)("%s", async ([, name, content, message]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), content);
    expect(await run(folder, `train --data ${name}`)).toEqual({
      code: 1,
      out: "",
      err: `error: ${message}\n  hint: ${rowHint}\n`,
    });
    expect(readdirSync(folder)).toEqual([name]);
  });
});

test.for([
  ["carriage returns", csv.replaceAll("\n", "\r")],
  ["one row", "text\nabc\n"],
  [
    "names that objects have anyway",
    csv.replace("text", "__proto__").replaceAll(",vowel", ",constructor"),
  ],
] as const)("a file with %s is read", async ([, content]) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "d.csv"), content);
  await succeed(folder, `train --data d.csv --epochs 1 --workers 1 --out run ${tiny}`);
  await succeed(folder, "eval run");
});

test("names of fields are told from texts, from the names of inner fields, and from what is escaped", () => {
  const kept = (text: string): [string, number] => [text, Object.keys(JSON.parse(text)).length];
  for (const text of [
    '{"a": "a", "b": {"a": 1, "b": [{"a": 2}]}}',
    String.raw`{"a\"": 1, "b": "\\", "c": "\\\"c\": "}`,
    "{}",
  ]) {
    expect(repeatedField(...kept(text))).toBeUndefined();
  }
  expect(repeatedField(...kept(String.raw`{"a": 1, "\u0061" : 2}`))).toBe("a");
});

describe("eval says which row the model cannot read", () => {
  const cases: readonly (readonly [name: string, content: string, fault: string])[] = [
    [
      "label.jsonl",
      jsonl([{ x: [1, 2], y: "odd" }]),
      'label.jsonl:1: "y": label "odd" is not one of the model\'s: "consonant", "vowel"',
    ],
    [
      "width.jsonl",
      jsonl([{ x: [[1, 2]], y: "vowel" }]),
      'width.jsonl:1: "x": expected 1 number per step, got 2',
    ],
  ];
  test("and why", async () => {
    const folder = temporaryFolder();
    const rows = words(60).map((w) => ({ x: [w.length], y: labelOf(w) }));
    writeFileSync(join(folder, "d.jsonl"), jsonl(rows));
    await succeed(folder, "train --data d.jsonl --epochs 1 --workers 1 --hidden 8 --out run");
    for (const [name, content, fault] of cases) {
      writeFileSync(join(folder, name), content);
      expect(await run(folder, `eval run --data ${name}`)).toEqual({
        code: 1,
        out: "",
        err: `error: ${name} has a fault:\n  ${fault}\n  hint: the model knows only what it was trained on\n`,
      });
    }
  });
});
