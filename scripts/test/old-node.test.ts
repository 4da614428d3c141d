import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../command.mjs";
import { plantTree } from "./tree.ts";

/** Runs a file of the repository in a process that believes to be another Node. */
function runAs(version: string, file: string, ...args: string[]) {
  const preload = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  const folder = plantTree({ "preload.cjs": preload });
  const node = ["--require", join(folder, "preload.cjs"), join(root, file), ...args];
  return spawnSync(process.execPath, node, { encoding: "utf8" });
}

test.each(["18.20.8", "20.18.3", "16.0.0"])("Node %s gets one kind sentence", (version) => {
  for (const file of ["scripts/run.cjs", "packages/cli/bin/scan-train.js"]) {
    const { status, stdout, stderr } = runAs(version, file, "start");
    expect([status, stdout, stderr]).toEqual([
      1,
      "",
      `scan-train needs Node 20.19 or newer, and this is Node ${version}; please install a newer one (https://nodejs.org) and try again.\n`,
    ]);
  }
});

test.each(["20.19.0", "22.0.0"])("Node %s does not", (version) => {
  const { stderr } = runAs(version, "scripts/run.cjs", "no-such-task");
  expect(stderr).toContain(`no task "no-such-task"`);
});
