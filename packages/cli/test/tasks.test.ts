import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../src/main.ts";
import { fakeTerminal, temporaryFolder } from "./fake-terminal.ts";
import { jsonl, labelOf, run, succeed, tiny, tinyNumbers, words } from "./run-command.ts";

const tasks: readonly (readonly [
  name: string,
  content: string,
  found: string,
  input: string,
  answer: RegExp,
])[] = [
  [
    "numbers.jsonl",
    jsonl(
      words(60).map((w) => ({ sequence: [...w].map((c) => c.charCodeAt(0)), label: labelOf(w) })),
    ),
    "numbers -> label",
    "[97,98]",
    /^\[97,98\] {2}(vowel|consonant) {2}\d+\.\d %\n$/,
  ],
  [
    "number.csv",
    `x,y\n${words(60)
      .map((w) => `${[...w].map((c) => c.charCodeAt(0)).join(" ")},${w.length / 2}\n`)
      .join("")}`,
    "numbers -> number",
    "[97,98]",
    /^\[97,98\] {2}-?\d+(\.\d+)?\n$/,
  ],
  [
    "steps.jsonl",
    jsonl(
      words(60).map((w) => ({
        x: [...w].map((c, i) => [i, c.charCodeAt(0)]),
        target: [...w].map((_, i) => 2 * i),
      })),
    ),
    "numbers -> numbers per step",
    "[[0,1],[1,1]]",
    /^\[\[0,1\],\[1,1\]\] {2}\[-?\d[\d.e-]*,-?\d[\d.e-]*\]\n$/,
  ],
  [
    "tags.jsonl",
    jsonl(words(60).map((w) => ({ text: w, label: [...w].map(labelOf) }))),
    "text -> a label per step",
    "ab",
    /^ab {2}(vowel|consonant) (vowel|consonant)\n$/,
  ],
  ["next.csv", `text\n${words(60).join("\n")}\n`, "text -> next character", "ab", /^ab[a-e]*\n$/],
  [
    "three.csv",
    `text,label\n${words(60)
      .map((w) => `${w},${w.length % 3}\n`)
      .join("")}`,
    "text -> label",
    "ab",
    /^ab {2}[012] {2}\d+\.\d %\n$/,
  ],
];

test.for(tasks)("%s: train, eval, predict", async ([name, content, found, input, answer]) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), content);
  const out = await succeed(
    folder,
    `train --data ${name} --out run --epochs 2 --workers 1 --cell lstm --layers 2 ${found.startsWith("text") ? tiny : tinyNumbers}`,
  );
  expect(out).toContain(`${name}: 60 rows, ${found} (`);
  expect(out).toMatch(/^test {5}(accuracy \d+\.\d %|rms error \d.*); baselines: /m);
  expect(await succeed(folder, "eval run")).toBe(`${/^test .*$/m.exec(out)?.[0]}\n`);
  expect(await succeed(folder, `predict run ${input}`)).toMatch(answer);
  expect(await succeed(folder, "inspect run")).toMatch(
    found.startsWith("text") ? /^ {2}embedding +vocabulary \d+ \(/m : /^(?![^]* embedding )/,
  );
  // The command that was printed at the end is understood too.
  const [, sample = ""] = /^next .* predict run '?(.*?)'?$/m.exec(out) ?? [];
  const terminal = fakeTerminal({ folder });
  expect(await main(["predict", "run", sample], terminal)).toBe(0);
});

test.for([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s ends at once with %i, with what was trained saved and usable",
  async ([signal, code]) => {
    const folder = temporaryFolder();
    const rows = words(300).map((text) => ({ text, label: labelOf(text) }));
    writeFileSync(join(folder, "words.jsonl"), jsonl(rows));
    const terminal = fakeTerminal({ folder });
    const finished = main(
      `train --data words.jsonl --out run --epochs 100000 --workers 2 ${tiny}`.split(" "),
      terminal,
    );
    while (!terminal.printed().includes("epoch      3/100000")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const began = performance.now();
    terminal.interrupt(signal);
    expect(await finished).toBe(code);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(terminal.printed()).toMatch(
      /^interrupted after \d+ epochs; what was trained is saved$/m,
    );
    await succeed(folder, "eval run");
  },
);

test.for([
  [1, "numbers such as [1, 2, 3]"],
  [2, "steps of 2 numbers each, such as [[1, 2], [3, 4]]"],
  [6, "steps of 6 numbers each: [[...], [...]]"],
] as const)("a model of steps of %i says what it reads", async ([width, hint]) => {
  const folder = temporaryFolder();
  const rows = Array.from({ length: 20 }, (_, i) => {
    const step = Array.from({ length: width }, (_unused, k) => i + k);
    return { sequence: [step, step], target: i };
  });
  writeFileSync(join(folder, "steps.jsonl"), jsonl(rows));
  await succeed(folder, `train --data steps.jsonl --out run --epochs 1 --workers 1 ${tinyNumbers}`);
  const wrong = JSON.stringify([Array.from({ length: width + 1 }, () => 0.5)]).replaceAll(" ", "");
  const { code, err } = await run(folder, `predict run ${wrong}`);
  expect(code).toBe(1);
  expect(err).toContain(
    `expected ${width === 1 ? "1 number" : `${width} numbers`} per step, got ${width + 1}`,
  );
  expect(err).toContain(`hint: this model reads ${hint}\n`);
});
