// A project as a user would have it: the packages in node_modules, strict TypeScript, programs that Node runs.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const compilerOptions = {
  target: "es2022",
  module: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmitOnError: false,
};

/** A folder of programs, gone after `close`. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "scan-train-docs-"));
  readonly #files: string[] = [];

  constructor() {
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"), "junction");
    this.write("package.json", JSON.stringify({ private: true, type: "module" }));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  addProgram(name: string, code: string): void {
    this.#files.push(`${name}.ts`);
    this.write(`${name}.ts`, code);
  }

  /** Type-checks all programs, and compiles them; returns what is wrong, `file(line,column): ...`, one a line. */
  compile(): string[] {
    this.write("tsconfig.json", JSON.stringify({ compilerOptions, files: this.#files }));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", "."], {
      cwd: this.folder,
      encoding: "utf8",
    });
    return status === 0 ? [] : stdout.trim().split("\n");
  }

  /** Runs programs one after the other in one process; returns what each printed, and how a failed one failed. */
  run(names: readonly string[]): { readonly printed: string[]; readonly failure: string }[] {
    const mark = "----- next program -----";
    const main = [
      `for (const name of ${JSON.stringify(names)}) {`,
      `  await import("./" + name + ".js").catch((error) => console.error(error));`,
      `  console.log(${JSON.stringify(mark)});`,
      `  console.error(${JSON.stringify(mark)});`,
      `}`,
    ];
    this.write("main.mjs", main.join("\n"));
    const { stdout, stderr } = spawnSync(process.execPath, ["main.mjs"], {
      cwd: this.folder,
      encoding: "utf8",
      timeout: 120_000,
    });
    const [printed, failures] = [stdout, stderr].map((text) => text.split(`${mark}\n`));
    return names.map((_, i) => ({
      // Where errors were thrown is left out of the pages.
      printed: (printed?.[i] ?? "")
        .split("\n")
        .slice(0, -1)
        .filter((line) => !/^ {2}at \S+:\d+:\d+$/.test(line)),
      failure: (failures?.[i] ?? "the program did not end").trim(),
    }));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
