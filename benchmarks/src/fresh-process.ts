/** Measurements in processes of their own: nothing compiled, no garbage, no other library in them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs a file of `processes/` and gives what it reported.
 *
 * @param file without folder and extension
 * @param node the program that runs it
 */
export function inFreshProcess<T>(
  file: string,
  args: readonly string[],
  node = process.execPath,
): T {
  const path = fileURLToPath(new URL(`./processes/${file}.js`, import.meta.url));
  const { status, signal, stdout } = spawnSync(node, [path, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0)
    throw new Error(`${[file, ...args].join(" ")} ended with ${signal ?? `exit code ${status}`}`);
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(last) as T;
}

/** What a process reports, as the last line of its output. */
export function report(result: object): void {
  process.stdout.write(`\n${JSON.stringify(result)}\n`);
}
