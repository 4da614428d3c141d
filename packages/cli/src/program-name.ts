import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * How this program is called from a folder, so that every command it prints can be copied: by npx where it is
 * installed as a package, by its file in a clone.
 */
export function commandPrefix(folder: string, program = programFile()): string {
  if (program.includes(`${sep}node_modules${sep}`)) return "npx scan-train";
  const path = relative(folder, program);
  return `node ${path.includes(" ") ? JSON.stringify(path) : path}`;
}

function programFile(): string {
  return fileURLToPath(new URL("../bin/scan-train.js", import.meta.url));
}

/** The version of this package. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version }: { version?: unknown } = JSON.parse(manifest);
  return String(version);
}

/** A word of a command line, in quotes where a shell would otherwise change it. */
export function shellWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
