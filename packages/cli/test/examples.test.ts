import { expect, test } from "vitest";
import { type ColumnFlags, findColumns } from "../src/data/columns.ts";
import { parseCsv } from "../src/data/parse-csv.ts";
import { parseJsonl } from "../src/data/parse-jsonl.ts";
import { Problems } from "../src/data/problems.ts";
import { readExamples } from "../src/data/read-examples.ts";
import type { Table } from "../src/data/table.ts";
import type { Example } from "../src/data/task.ts";

function table(text: string): Table {
  return text.trimStart().startsWith("{")
    ? parseJsonl("d.jsonl", text, new Problems("d.jsonl"))
    : parseCsv("d.csv", text, new Problems("d.csv"));
}

function found(text: string, flags: ColumnFlags = {}): string {
  const { input, inputColumn, target, targetColumn = "-" } = findColumns(table(text), flags);
  return `${input} ${inputColumn} -> ${target} ${targetColumn}`;
}

function examples(text: string, flags: ColumnFlags = {}): Example[] {
  const parsed = table(text);
  return readExamples(parsed, findColumns(parsed, flags));
}

const detected: readonly (readonly [text: string, expected: string, flags?: ColumnFlags])[] = [
  ["text,label\nhello,a\nbye,b\n", "text text -> label label"],
  ["gender,name\nf,Ann\nm,Bob\n", "text name -> label gender"],
  ["utterance,meaning\nhi,1\nho,2\nhe,1\n", "text utterance -> label meaning"],
  ["stars,review\n5,very good\n1,very bad\n", "text review -> label stars"],
  ["price,title\n10.5,chair\n99.9,table\n", "text title -> number price"],
  ["text\nto be\nor not\n", "text text -> next -"],
  ["id,text\n1,to be\n2,or not\n", "text text -> next -", { next: true }],
  ["a,b\nxx,yy\nzz,yy\n", "text b -> label a", { text: "b" }],
  ["x,y\n1 2 3,up\n3 2,down\n", "numbers x -> label y"],
  ["signal,y\n1 2 3,0.5\n3 2,0.7\n", "numbers signal -> number y"],
  ["in,out\n1 2 3,2 4 6\n3 2,6 4\n", "numbers in -> step-number out"],
  ["sequence,label\n1,up\n2,down\n", "numbers sequence -> label label"],
  ["label,sequence\n0,1.5\n1,2\n", "numbers sequence -> label label"],
  ["label,sequence\n1 2,5\n3 4,6\n", "numbers sequence -> label label"],
  ["sequence,target\n1,2.5\n2,3.5\n", "numbers sequence -> number target"],
  ["sequence,label\nACGT,1\nTTA,2\n", "text sequence -> label label"],
  ['{"sequence": [1, 2], "label": "a"}', "numbers sequence -> label label"],
  ['{"foo": [[1, 2]], "bar": 3.5}', "numbers foo -> number bar"],
  ['{"foo": [1, 2], "bar": [3, 4]}', "numbers foo -> step-number bar"],
  ['{"text": "ab", "label": ["x", "y"]}', "text text -> step-label label"],
  ['{"text": "ab", "tags": ["x", "y"]}', "text text -> step-label tags"],
  ['{"x": [1, 2], "class": 3, "n": 5}', "numbers x -> number n", { target: "n" }],
  ['{"x": [1, 2], "class": 3, "n": 5}', "numbers x -> label class"],
];

test.for(detected)("%j is read as %s", ([text, expected, flags]) => {
  expect(found(text, flags)).toBe(expected);
});

const refused: readonly (readonly [text: string, flags: ColumnFlags, message: RegExp])[] = [
  ["a,b\n1,2\n", { text: "a", sequence: "b" }, /--text and --sequence exclude each other/],
  ["a,b\n1,2\n", { label: "c" }, /--label c: d\.csv has no column "c"/],
  ["a,b\n1,2\n", { text: "a", label: "a" }, /cannot be both the input and the answer/],
  ["text,a,b\nx,1,2\n", {}, /which column is to be learnt\? They are "a", "b"/],
  ["x,y\n1,3\n", { next: true }, /^--next: d\.csv has no column of text that could be continued$/],
  ['{"x": [1, 2]}', {}, /nothing to learn from them/],
  ['{"a": 1, "b": {}}', {}, /no column looks like a text or a sequence/],
  [
    "x,y,label\n1,2,up\n3,4,down\n",
    { label: "label" },
    /no column looks like a text or a sequence/,
  ],
];

test.for(refused)("%j with %j is refused", ([text, flags, message]) => {
  expect(() => found(text, flags)).toThrow(message);
});

test("texts, numbers and lists become examples with their lines", () => {
  expect(examples("text,label\nhello,a\nbye,1\n")).toEqual([
    { line: 2, input: "hello", target: "a" },
    { line: 3, input: "bye", target: "1" },
  ]);
  expect(examples("x,y\n1 2 3,2.5\n[4; 5],3\n".replace("[4; 5]", "4; 5"))).toEqual([
    { line: 2, input: [[1], [2], [3]], target: 2.5 },
    { line: 3, input: [[4], [5]], target: 3 },
  ]);
  expect(examples('{"x": [[1, 2], [3, 4]], "y": [5, 6]}')).toEqual([
    {
      line: 1,
      input: [
        [1, 2],
        [3, 4],
      ],
      target: [[5], [6]],
    },
  ]);
  expect(examples("x,label\n1 2; 3 4,a\n")).toEqual([
    {
      line: 2,
      input: [
        [1, 2],
        [3, 4],
      ],
      target: "a",
    },
  ]);
});

const faulty: readonly (readonly [text: string, message: RegExp])[] = [
  ["text,label\n,a\n", /^ {2}d\.csv:2: "text": expected a text, got an empty text$/m],
  ["text,label\nx,\n", /^ {2}d\.csv:2: "label": expected a label .*, got an empty text$/m],
  [
    '{"text": "x", "label": "a"}\n{"text": "y"}',
    /^ {2}d\.jsonl:2: "label": expected a label .*, got nothing$/m,
  ],
  [
    '{"x": [1], "label": "a"}\n{"x": [], "label": "b"}',
    /:2: "x": expected at least one step, got an empty list$/m,
  ],
  [
    '{"x": [1], "label": "a"}\n{"x": [1, null], "label": "b"}',
    /:2: "x": step 2: expected a number, got null$/m,
  ],
  [
    '{"x": [[1, 2], [3]], "label": "b"}\n{"x": [1], "label": "b"}',
    /:1: "x": step 2: expected 2 numbers, as in step 1, got 1$/m,
  ],
  [
    '{"x": [[1, 2]], "label": "a"}\n{"x": [1], "label": "b"}',
    /:2: "x": expected 2 numbers per step, as in line 1, got 1$/m,
  ],
  [
    '{"x": [1, 2], "y": [1, 2]}\n{"x": [1, 2], "y": [1]}',
    /:2: "y": expected 2 entries, one for each step of the input, got 1$/m,
  ],
  ["x,y\n1 2,0.5\n1 2,high\n", /^ {2}d\.csv:3: "y": expected a number, got "high"$/m],
  ["x,y\n1 2,0.5\n1 2e,0.5\n", /^ {2}d\.csv:3: "x": step 2: expected a number, got "2e"$/m],
];

test.for(faulty)("%j names the row, the column and what was expected", ([text, message]) => {
  expect(() => examples(text, text.startsWith("x,y") ? { target: "y" } : {})).toThrow(message);
});
