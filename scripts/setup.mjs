// Installing dependencies, skipped when nothing that decides them has changed since the last time.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson, root } from "./command.mjs";
import { pnpm } from "./pnpm.mjs";

const stampFile = join(root, "node_modules", ".scan-train-setup.json");

/**
 * "cli" installs what building and running the cli needs; "all" adds the tools of development. A checkout that once
 * had "all" keeps it.
 *
 * @param {"cli" | "all"} scope
 */
export function setup(scope) {
  const stamp = readStamp();
  const inputs = hashInputs();
  if (stamp?.inputs === inputs && (stamp.scope === "all" || stamp.scope === scope)) return;

  const wanted = stamp?.scope === "all" ? "all" : scope;
  const filter = wanted === "cli" ? ["--filter", "@scan-train/cli..."] : [];
  console.log(`Installing dependencies (${wanted === "cli" ? "of the cli" : "all"}) ...`);
  pnpm([...filter, "install", "--frozen-lockfile", "--prefer-offline"], { quiet: true });
  writeFileSync(stampFile, JSON.stringify({ inputs, scope: wanted }));
}

/** @returns {{ inputs: string, scope: "cli" | "all" } | undefined} */
function readStamp() {
  return existsSync(stampFile) ? readJson(stampFile) : undefined;
}

function hashInputs() {
  const packages = readdirSync(join(root, "packages"))
    .sort()
    .map((name) => `packages/${name}/package.json`);
  const files = [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    "benchmarks/package.json",
  ];
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of [...files, ...packages]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}
