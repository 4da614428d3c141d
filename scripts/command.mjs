// Running other programs from the repository root.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A failure whose message is all the user needs: printed without a stack trace. */
export class TaskError extends Error {
  expected = true;
}

/**
 * @param {string} path
 * @returns {any} the parsed JSON file
 */
export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * Runs a program with this terminal's streams; throws when it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, quiet?: boolean, title?: string }} [options] quiet: show the
 *   output only of a failure; title: how a failure calls the command
 */
export function command(program, args, options = {}) {
  const { cwd = root, env = {}, quiet = false, title = program } = options;
  const result = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    shell: process.platform === "win32" && program === "npx",
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout}${result.stderr}`);
  const why =
    result.error?.message ?? `ended with ${result.signal ?? `exit code ${result.status}`}`;
  throw new TaskError(`${title} ${why}`);
}

/**
 * Runs a tool installed in the workspace, without npx's second of start-up.
 *
 * @param {string} tool the name of its bin
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, from?: string }} [options] from: the package folder that depends on it
 */
export function installed(tool, args, options = {}) {
  const { env = {}, from = "." } = options;
  const modules = join(root, from, "node_modules");
  const name = toolPackages[tool] ?? tool;
  const manifest = join(modules, name, "package.json");
  if (!existsSync(manifest)) {
    throw new TaskError(`${tool} is not installed; run \`npm run setup\` first.`);
  }
  const { bin } = readJson(manifest);
  const file = typeof bin === "string" ? bin : bin[tool];
  command(process.execPath, [join(modules, name, file), ...args], {
    env,
    title: [tool, ...args].join(" "),
  });
}

/** Bins whose package has another name. @type {Record<string, string>} */
const toolPackages = { tsc: "typescript" };
