// `node scripts/pnpm.mjs ARGS...`: the pinned pnpm, from PATH when it is there, else brought by npx.
// (corepack is not used: its signature check fails on some registries.)
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, readJson, root } from "./command.mjs";

/**
 * @param {readonly string[]} args
 * @param {{ cwd?: string, quiet?: boolean }} [options]
 */
export function pnpm(args, options = {}) {
  const pin = readJson(join(root, "package.json")).packageManager.replace("pnpm@", "");
  const onPath = spawnSync("pnpm", ["--version"], { cwd: root, encoding: "utf8" });
  if (onPath.stdout?.trim() === pin) command("pnpm", args, options);
  else command("npx", ["--yes", `pnpm@${pin}`, ...args], options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    pnpm(process.argv.slice(2));
  } catch {
    process.exitCode = 1;
  }
}
