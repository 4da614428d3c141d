// Follows the worked example of CONTRIBUTING.md in a copy of core: two files, and the op is published and held to its row.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./project.ts";

const page = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
const steps = [...page.matchAll(/In `([^`]+)`[^\n]*:\n\n```ts\n([\s\S]*?)\n```/g)].map(
  ([, file = "", code = ""]) => ({ file, code }),
);

describe("the worked example of CONTRIBUTING.md", () => {
  const copy = mkdtempSync(join(tmpdir(), "scan-train-op-"));
  const core = "packages/core";

  beforeAll(() => {
    mkdirSync(join(copy, core), { recursive: true });
    for (const path of ["src", "test", "tsconfig.json"])
      cpSync(join(root, core, path), join(copy, core, path), { recursive: true });
    for (const path of ["tsconfig.base.json", "package.json"])
      cpSync(join(root, path), join(copy, path));
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
    for (const { file, code } of steps) edit(file, (text) => insert(file, text, code));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  function edit(file: string, change: (text: string) => string): void {
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file), "utf8")));
  }

  /** Sources take the code at their end, the table in its list. */
  function insert(file: string, text: string, code: string): string {
    if (!file.includes("/test/")) return `${text}\n${code}\n`;
    const list = "const elementwise: OpSpec[] = [\n";
    expect(text.split(list)).toHaveLength(2);
    return text.replace(list, () => `${list}${code}\n`);
  }

  const node = (...args: string[]): { status: number | null; output: string } => {
    const env = { ...process.env, NO_COLOR: "1" };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: copy,
      env,
      encoding: "utf8",
    });
    return { status, output: stdout + stderr };
  };
  const checkRow = (): { status: number | null; output: string } =>
    node("node_modules/vitest/vitest.mjs", "run", `${core}/test/ops`, "--root", ".", "-t", "silu");

  test("is two files", () => {
    expect(steps.map(({ file }) => file)).toEqual([
      `${core}/src/ops/transcendental.ts`,
      `${core}/test/ops/specs/elementwise.ts`,
    ]);
  });

  test("compiles, and the package publishes the op", { timeout: 60_000 }, () => {
    writeFileSync(
      join(copy, core, "src", "user.ts"),
      'import { silu, vector } from "./index.ts";\nexport const y = silu(vector("x"));\n',
    );
    const { output } = node("node_modules/typescript/bin/tsc", "-p", core, "--noEmit");
    expect(output).toBe("");
  });

  test("passes the checks of its row", { timeout: 60_000 }, () => {
    const { status, output } = checkRow();
    expect(Number(/Tests {2}(\d+) passed/.exec(output)?.[1])).toBeGreaterThanOrEqual(4);
    expect(status).toBe(0);
  });

  test("fails them with a wrong derivative", { timeout: 60_000 }, () => {
    const right = "add(sigmoid(x), mul(y, sub(1, sigmoid(x))))";
    edit(steps[0]?.file ?? "", (text) => text.replace(right, () => "sigmoid(x)"));
    const { status, output } = checkRow();
    expect(output).toMatch(/silu > has right derivatives/);
    expect(status).not.toBe(0);
  });
});
