// Every program in the documentation compiles strictly and prints what its comments say. Those for pages run in `pages.test.ts`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isForPages, parsePrograms, programsOf, type Program } from "./programs.ts";
import { Project, root } from "./project.ts";

const folders = ["docs", "docs/seeds"];
const texts = ["README.md", "ARCHITECTURE.md", "FEATURES.md", "CONTRIBUTING.md"];
const docs = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .toSorted()
    .map((name) => `${folder}/${name}`),
);
const programs = ["README.md", ...docs].flatMap((page) => programsOf(root, page));
const nameOf = ({ page, line }: Program): string => `${page.replace(/\W/g, "_")}_${line}`;

describe("programs in the documentation", () => {
  const project = new Project();
  let faults: string[] = [];
  beforeAll(() => {
    for (const program of programs) project.addProgram(nameOf(program), program.code);
    faults = project.compile();
  }, 120_000);
  afterAll(() => project.close());

  test("compile under strict options", () => {
    expect(faults).toEqual([]);
  });

  const forNode = programs.filter((program) => !isForPages(program));
  for (const page of new Set(forNode.map((program) => program.page)))
    test(`${page} prints what it says`, { timeout: 120_000 }, () => {
      const ofPage = forNode.filter((program) => program.page === page);
      const results = project.run(ofPage.map(nameOf));
      for (const [i, { line, expected }] of ofPage.entries()) {
        const { printed, failure } = results[i] ?? { printed: [], failure: "" };
        expect(failure, `${page}:${line}`).toBe("");
        expect(printed, `${page}:${line}`).toEqual(expected.map(({ text }) => text));
      }
    });
});

test("the README's program is plain JavaScript too", () => {
  const project = new Project();
  const [program] = programsOf(root, "README.md");
  project.write("readme.js", program?.code ?? "");
  const [result] = project.run(["readme"]);
  project.close();
  expect(result).toEqual({ printed: program?.expected.map(({ text }) => text), failure: "" });
});

test("links in the documentation lead to files", () => {
  const broken = [...texts, ...docs].flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? "");
    return targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

describe("the reader of programs", () => {
  const page = ["# A", "```ts", 'import "x";', "log(1); // → 1", "```", "and", "```ts", "log(2);"];
  const text = [...page, "// → 2", "//   3", "```", "```js", "no", "```"].join("\n");

  test("joins blocks without imports to the program before, on their own lines", () => {
    const [program] = parsePrograms("a.md", text);
    expect(program?.line).toBe(3);
    expect(program?.code.split("\n")[7]).toBe("log(2);");
    expect(program?.expected).toEqual([
      { line: 4, text: "1" },
      { line: 9, text: "2" },
      { line: 10, text: "3" },
    ]);
  });

  test("refuses blocks that belong to no program, and blocks that do not end", () => {
    expect(() => parsePrograms("a.md", "```ts\nlog(1);\n```")).toThrow(/a\.md:1: the first block/);
    expect(() => parsePrograms("a.md", '```ts\nimport "x";')).toThrow(/does not end/);
  });
});
