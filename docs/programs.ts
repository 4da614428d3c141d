// Programs in Markdown: what tests type-check and run. A `ts` block that begins with an import starts a program; blocks after
// it without imports go on with it, as a reader would paste them. `// → text` is what the program prints there.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A program of a page, with blank lines where the page has other text: its line numbers are the page's. */
export interface Program {
  readonly page: string;
  /** The line of the page on which it begins, from 1. */
  readonly line: number;
  readonly code: string;
  readonly expected: readonly Expectation[];
}

/** A line of output, and the line of the page that promises it. */
export interface Expectation {
  readonly line: number;
  readonly text: string;
}

interface Draft {
  readonly line: number;
  readonly lines: string[];
}

const arrow = /\/\/ → (.*)$/;
const more = /^\s*\/\/ {3}(.*)$/;

/** Whether it runs in a browser. */
export const isForPages = ({ code }: Program): boolean =>
  code.includes('from "@scan-train/workers/browser"');

/** The programs of a page, in order. */
export function programsOf(root: string, page: string): Program[] {
  return parsePrograms(page, readFileSync(join(root, page), "utf8"));
}

export function parsePrograms(page: string, text: string): Program[] {
  const drafts: Draft[] = [];
  let fence: string[] | undefined;
  let begins = 0;
  for (const [i, line] of text.split("\n").entries()) {
    if (fence === undefined && line === "```ts") {
      fence = [];
      begins = i + 1;
    } else if (fence !== undefined && line === "```") {
      addBlock(page, drafts, begins, fence);
      fence = undefined;
    } else fence?.push(line);
  }
  if (fence !== undefined) throw new Error(`${page}:${begins}: a block that does not end`);
  return drafts.map(({ line, lines }) => ({
    page,
    line,
    code: lines.join("\n"),
    expected: expectationsOf(lines),
  }));
}

function addBlock(page: string, drafts: Draft[], begins: number, block: readonly string[]): void {
  const last = drafts.at(-1);
  const starts = block.find((line) => line.trim() !== "")?.startsWith("import ") ?? false;
  if (starts) drafts.push({ line: begins + 1, lines: [...blank(begins), ...block] });
  else if (last === undefined)
    throw new Error(`${page}:${begins}: the first block of a page begins with its imports`);
  else last.lines.push(...blank(begins - last.lines.length), ...block);
}

const blank = (count: number): string[] => Array.from({ length: count }, () => "");

/** Output that the comments promise; a comment indented by three goes on with the text of the one before. */
export function expectationsOf(lines: readonly string[]): Expectation[] {
  const found: Expectation[] = [];
  for (const [i, line] of lines.entries()) {
    const text = arrow.exec(line)?.[1];
    const next = found.at(-1)?.line === i ? more.exec(line)?.[1] : undefined;
    if (text !== undefined) found.push({ line: i + 1, text });
    else if (next !== undefined) found.push({ line: i + 1, text: next });
  }
  return found;
}
