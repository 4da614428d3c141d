import { expect, test } from "vitest";
import { parseCsv } from "../src/data/parse-csv.ts";
import { parseJsonl } from "../src/data/parse-jsonl.ts";
import { Problems } from "../src/data/problems.ts";
import { formatOf } from "../src/data/read-table.ts";
import type { Table } from "../src/data/table.ts";

const rowsOf = (table: Table): unknown[] =>
  table.rows.map(({ line, fields }) => [line, Object.fromEntries(fields)]);
const checked = (table: Table): Table => {
  table.problems.check();
  return table;
};
const csv = (text: string): Table => checked(parseCsv("d.csv", text, new Problems("d.csv")));
const jsonl = (text: string): Table =>
  checked(parseJsonl("d.jsonl", text, new Problems("d.jsonl")));

test("CSV rows know their line, also after quoted line ends and blank lines", () => {
  const table = csv('text,label\n"two\nlines, one cell",a\n\n"say ""hi""",b\n');
  expect(table.columns).toEqual(["text", "label"]);
  expect(rowsOf(table)).toEqual([
    [2, { text: "two\nlines, one cell", label: "a" }],
    [5, { text: 'say "hi"', label: "b" }],
  ]);
});

test("CSV finds semicolons and tabs by itself", () => {
  expect(rowsOf(csv("a;b\n1;2\n"))).toEqual([[2, { a: "1", b: "2" }]]);
  expect(rowsOf(csv("a\tb\n1\t2\n"))).toEqual([[2, { a: "1", b: "2" }]]);
});

test("CSV of one column is one column", () => {
  expect(rowsOf(csv("text\nto be or not\nto be\n"))).toEqual([
    [2, { text: "to be or not" }],
    [3, { text: "to be" }],
  ]);
});

test("a usual name of a column may be a value below it, and any name a value of another column", () => {
  expect(rowsOf(csv("word,kind\nword,noun\n"))).toEqual([[2, { word: "word", kind: "noun" }]]);
  expect(rowsOf(csv("a,b\nb,a\n"))).toEqual([[2, { a: "b", b: "a" }]]);
});

test("JSON lines keep their types and may be blank", () => {
  const table = jsonl('{"x": [1, 2], "y": "a"}\n\n  \n{"y": 3, "x": [4]}');
  expect(table.columns).toEqual(["x", "y"]);
  expect(rowsOf(table)).toEqual([
    [1, { x: [1, 2], y: "a" }],
    [4, { x: [4], y: 3 }],
  ]);
});

const malformed: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    "a row with too few cells",
    () => csv("a,b\n1,2\n3\n"),
    /^ {2}d\.csv:3: expected 2 cells \("a", "b"\), got 1$/m,
  ],
  [
    "a row with too many cells",
    () => csv("a,b\n1,2,3\n"),
    /^ {2}d\.csv:2: expected 2 cells \("a", "b"\), got 3$/m,
  ],
  [
    "an unclosed quote",
    () => csv('a,b\n1,2\n"3,4\n5,6\n'),
    /^ {2}d\.csv:3:2: a quoted cell begins here or before/m,
  ],
  ["a nameless column", () => csv("a,\n1,2\n"), /column 2 has no name/],
  ["a column named twice", () => csv("a,a\n1,2\n"), /two columns are called "a"/],
  [
    "a header with a number",
    () => csv("good film,1\nbad film,0\n"),
    /^ {2}d\.csv:1: expected the names of the columns, got "1"; add a header line such as `text,label`/m,
  ],
  [
    "a header with a sequence",
    () => csv("1 2 3,up\n3 2,down\n"),
    /^ {2}d\.csv:1: expected the names of the columns, got "1 2 3"; add a header line/m,
  ],
  [
    "a header that comes again as a value",
    () => csv("Ann,f\nBob,m\nEve,f\n"),
    /^ {2}d\.csv:1: .*, got "f", which line 3 has as a value in the same column; add a header line/m,
  ],
  [
    "a broken JSON line",
    () => jsonl('{"a": 1}\n{"a": oops}\n'),
    /^ {2}d\.jsonl:2:7: expected a JSON object, but the line is not JSON/m,
  ],
  [
    "a JSON line that ends too early",
    () => jsonl('{"a": [1, 2\n'),
    /^ {2}d\.jsonl:1:12: expected a JSON object/m,
  ],
  [
    "a JSON line that is no object",
    () => jsonl("[1, 2]\n"),
    /^ {2}d\.jsonl:1: expected an object such as .*, got a list of 2$/m,
  ],
];

test.for(malformed)("%s is named by line and column", ([, parse, message]) => {
  expect(parse).toThrow(message);
});

test("reports five faults at once and stops there", () => {
  const text = Array.from({ length: 8 }, () => "no").join("\n");
  expect(() => jsonl(text)).toThrow(
    /^d\.jsonl has 5 faults, and perhaps more:\n( {2}.*\n){4} {2}.*$/,
  );
});

test("the format follows the extension, then the content", () => {
  expect(formatOf("a.jsonl", "x,y")).toBe("jsonl");
  expect(formatOf("a.CSV", "{")).toBe("csv");
  expect(formatOf("a.txt", '\n {"a": 1}')).toBe("jsonl");
  expect(formatOf("a.data", "x,y\n1,2")).toBe("csv");
});
