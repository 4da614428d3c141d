import { expect } from "vitest";
import { main } from "../src/main.ts";
import { type FakeOptions, fakeTerminal } from "./fake-terminal.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function run(
  folder: string,
  command: string,
  options: FakeOptions = {},
): Promise<Outcome> {
  const terminal = fakeTerminal({ folder, ...options });
  const code = await main(command.split(" "), terminal);
  return { code, out: terminal.printed(), err: terminal.complained() };
}

export async function succeed(
  folder: string,
  command: string,
  options: FakeOptions = {},
): Promise<string> {
  const { code, out, err } = await run(folder, command, options);
  expect(err).toBe("");
  expect(code).toBe(0);
  return out;
}

/** Words of the letters a to e; the label says whether the last one is a vowel. */
export function words(count: number): string[] {
  const letters = "abcde";
  let state = 7;
  const below = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * n);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + below(7) }, () => letters[below(letters.length)]).join(""),
  );
}

export const labelOf = (word: string): string => (/[ae]$/.test(word) ? "vowel" : "consonant");

export const jsonl = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A small model of numbers; one of text. */
export const tinyNumbers = "--hidden 8 --batch 16 --lr 0.03";
export const tiny = `${tinyNumbers} --embedding 8`;
