// What each npm script does. A task prepares whatever it needs: there is nothing to remember to run first.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TaskError, command, installed, readJson, root } from "./command.mjs";
import { pnpm } from "./pnpm.mjs";
import { setup } from "./setup.mjs";

/** @type {Record<string, (args: readonly string[]) => void | Promise<void>>} */
const tasks = {
  setup: () => setup("all"),
  build: () => build(),
  start,
  test: (args) => {
    build();
    installed("vitest", ["run", ...args]);
  },
  "test:long": (args) => {
    build();
    installed("vitest", ["run", ...args], { env: { SCAN_TRAIN_LONG: "1" } });
  },
  check: () => {
    setup("all");
    installed("tsc", ["-b"]);
  },
  lint: (args) => {
    setup("all");
    inTurn(
      () => script("scripts/banned.mjs"),
      () => installed("oxlint", ["--type-aware", ...args]),
    );
  },
  format: () => {
    setup("all");
    installed("prettier", ["--write", "--log-level", "warn", "."]);
  },
  "format:check": () => {
    setup("all");
    installed("prettier", ["--check", "--log-level", "warn", "."]);
  },
  layers: () => {
    setup("all");
    script("scripts/layers.mjs");
  },
  "error-codes": () => {
    setup("all");
    script("scripts/error-codes.mjs");
  },
  bench,
  demo: async (args) => {
    build();
    const { demo } = await import("./demo.mjs");
    await demo(args);
  },
  example,
  pack,
  "pack:check": () => {
    setup("all");
    script("scripts/pack-check.mjs");
  },
  "ci:prove": (args) => script("scripts/ci-prove.mjs", args),
};

/**
 * @param {string | undefined} name
 * @param {readonly string[]} args
 */
export async function runTask(name, args) {
  const task = name === undefined ? undefined : tasks[name];
  if (task === undefined) {
    throw new TaskError(`no task "${name}"; there are: ${Object.keys(tasks).join(", ")}`);
  }
  await task(args);
}

const packages = ["core", "gpu", "workers", "cli"].map((name) => `packages/${name}`);

/** @param {readonly string[]} more projects to build besides the packages */
function build(more = []) {
  setup("all");
  installed("tsc", ["-b", ...packages, ...more]);
}

/**
 * @param {string} file
 * @param {readonly string[]} [args]
 */
function script(file, args = []) {
  command(process.execPath, [file, ...args], { title: file });
}

/**
 * Does each, whatever becomes of those before, and then fails if one of them did.
 *
 * @param {readonly (() => void)[]} steps
 */
function inTurn(...steps) {
  const failures = steps.flatMap((step) => {
    try {
      step();
      return [];
    } catch (error) {
      if (error instanceof TaskError) return [error.message];
      throw error;
    }
  });
  if (failures.length > 0) throw new TaskError(failures.join("\n"));
}

/**
 * A tarball of each package, without what `dist` still holds of sources that are gone.
 *
 * @param {readonly string[]} args
 */
function pack([folder = "dist"]) {
  build();
  for (const name of packages) removeStale(name);
  const target = resolve(root, folder);
  const words = ["-r", "--filter", "./packages/*", "pack", "--pack-destination", target];
  // It lists every file of every package.
  pnpm(words, { quiet: true });
  console.log(packedText(packages.map((name) => join(target, tarballOf(name)))));
}

/** @param {string} name the package's folder */
function tarballOf(name) {
  const { name: published, version } = readJson(join(root, name, "package.json"));
  return `${published.replace("@", "").replace("/", "-")}-${version}.tgz`;
}

/**
 * @param {readonly string[]} files
 * @returns {string} what was written, and a command for another project
 */
export function packedText(files) {
  const quoted = files.map((file) => (/[^\w./:\\-]/.test(file) ? JSON.stringify(file) : file));
  return [...files, "", "in your project:", `npm install ${quoted.join(" ")}`].join("\n");
}

/** @param {string} name the package's folder */
function removeStale(name) {
  const dist = join(root, name, "dist");
  for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const source = /^(.*?)(\.d)?\.[jt]s(\.map)?$/.exec(file)?.[1];
    if (source !== undefined && !existsSync(join(root, name, "src", `${source}.ts`)))
      rmSync(join(dist, file));
  }
}

/**
 * The cli, in this process so that signals and streams are its own. Flags alone mean `train`.
 *
 * @param {readonly string[]} args
 */
async function start(args) {
  setup("cli");
  installed("tsc", ["-b", "packages/cli"], { from: "packages/cli" });
  const isCommand = args[0] !== undefined && !args[0].startsWith("-");
  await runHere("packages/cli/bin/scan-train.js", isCommand ? args : ["train", ...args]);
}

/** @param {readonly string[]} args */
async function example([name, ...args]) {
  const folder = join(root, "examples");
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const names = files.filter((file) => /^[^.]+\.(ts|js)$/.test(file));
  const found = [name, `${name}.ts`, `${name}.js`].find((file) => names.includes(file ?? ""));
  if (found === undefined) {
    const known = names.map(
      (candidate) => `  npm run example -- ${candidate.replace(/\.ts$/, "")}`,
    );
    const problem = name === undefined ? "which example?" : `there is no example "${name}".`;
    throw new TaskError([`${problem} There are:`, ...known].join("\n"));
  }
  build(["examples"]);
  if (found.endsWith(".js")) return runHere(`examples/${found}`, args);
  await runHere(`examples/dist/${found.replace(/\.ts$/, ".js")}`, args);
}

/**
 * The peers are large and wanted here only, so they have a folder of their own outside the workspace.
 *
 * @param {readonly string[]} args
 */
async function bench(args) {
  build(["benchmarks"]);
  const peers = join(root, "benchmarks", "peers");
  if (existsSync(join(peers, "package.json")) && !args.includes("--help")) {
    const lock = existsSync(join(peers, "pnpm-lock.yaml")) ? ["--frozen-lockfile"] : [];
    const install = ["install", "--ignore-workspace", "--ignore-scripts", "--prefer-offline"];
    // What an older pnpm left is made anew without asking: there may be nobody to answer.
    pnpm([...install, "--config.confirm-modules-purge=false", ...lock], { cwd: peers });
  }
  await runHere("benchmarks/dist/main.js", args);
}

/**
 * Runs a program in this process, as if node had been started with it.
 *
 * @param {string} file relative to the root
 * @param {readonly string[]} args
 */
async function runHere(file, args) {
  const path = join(root, file);
  process.argv.splice(1, process.argv.length, path, ...args);
  await import(pathToFileURL(path).href);
}
