// `npm run pack:check`: what a user gets. Packs every package, installs the tarballs with plain npm in an empty folder, and
// there trains with npx, and type-checks and runs the README's program.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TaskError, command, readJson, root } from "./command.mjs";

/** Signatures written before the code; present only beside the repository. */
const signatures = join(root, "..", "shared", "types", "use.ts");

/**
 * The program of the `ts` blocks of a page, and what its comments say that it prints.
 *
 * @param {string} page
 */
export function programOf(page) {
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  const code = blocks.join("\n");
  return { code, prints: [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text = ""]) => text) };
}

/**
 * What in the manifest of a tarball only works inside the workspace.
 *
 * @param {Record<string, unknown>} manifest
 * @param {readonly string[]} files in the tarball
 * @returns {string[]}
 */
export function manifestFaults(manifest, files) {
  const text = JSON.stringify(manifest);
  const protocols = ["workspace:", "catalog:"].filter((word) => text.includes(word));
  const promised = [...text.matchAll(/:"\.\/([^"*]+)"/g)].map(([, file = ""]) => file);
  return [
    ...protocols.map((word) => `${word} in package.json`),
    ...promised.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...["LICENSE", "README.md"].filter((f) => !files.includes(f)).map((f) => `${f} is missing`),
    ...files
      .filter((file) => /^test\/|\.tsbuildinfo$/.test(file))
      .map((file) => `${file} is there`),
  ];
}

/**
 * Runs a program in a folder; throws with its output when it fails.
 *
 * @param {string} cwd
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {string} what it printed
 */
function run(cwd, program, args) {
  const shell = process.platform === "win32";
  const result = spawnSync(program, args, { cwd, shell, encoding: "utf8", maxBuffer: 2 ** 28 });
  const { status, stdout, stderr } = result;
  if (status === 0) return stdout;
  throw new TaskError(`${[program, ...args].join(" ")} failed:\n${stdout}${stderr}`);
}

/**
 * @param {boolean} holds
 * @param {string} what
 */
function expect(holds, what) {
  if (!holds) throw new TaskError(what);
}

/** @param {string} folder with the tarballs */
function checkTarballs(folder) {
  const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  expect(tarballs.length === 4, `there are ${tarballs.length} tarballs`);
  for (const name of tarballs) {
    const files = run(folder, "tar", ["-tzf", name]).trim().split("\n");
    const manifest = JSON.parse(run(folder, "tar", ["-xzOf", name, "package/package.json"]));
    const faults = manifestFaults(
      manifest,
      files.map((file) => file.replace("package/", "")),
    );
    expect(faults.length === 0, `${name}: ${faults.join("; ")}`);
    console.log(`${name}: ${files.length} files`);
  }
  return tarballs;
}

/** @param {string} folder */
function checkProgram(folder) {
  const letters = ["ab", "ba", "abab", "baba", "aab", "bba", "abb", "baa"];
  const rows = Array.from({ length: 80 }, (_, i) => letters[i % 8] + "c".repeat(i % 5));
  const csv = rows.map((text) => `${text},${text.startsWith("a") ? "first" : "second"}`);
  writeFileSync(join(folder, "tiny.csv"), ["text,label", ...csv, ""].join("\n"));
  const version = run(folder, "npx", ["scan-train", "--version"]).trim();
  expect(version === readJson(join(root, "packages/cli/package.json")).version, version);
  const options = ["--data", "tiny.csv", "--epochs", "3", "--workers", "2", "--out", "run"];
  run(folder, "npx", ["scan-train", "train", ...options]);
  expect(existsSync(join(folder, "run", "model.safetensors")), "training wrote no model");
  const answer = run(folder, "npx", ["scan-train", "predict", "run", "abba"]);
  expect(/first|second/.test(answer), `predict answered: ${answer}`);
  console.log("npx scan-train: trains and predicts");
}

/** @param {string} folder */
function checkTypes(folder) {
  const { code, prints } = programOf(readFileSync(join(root, "README.md"), "utf8"));
  expect(prints.length > 0, "the README's program prints nothing");
  writeFileSync(join(folder, "readme.ts"), code);
  const files = ["readme.ts"];
  if (existsSync(signatures)) {
    const [first = "", ...rest] = readFileSync(signatures, "utf8").split("\n");
    const core = first.replace(/ (sgd|openGpu),/g, "").replace(/"[^"]*"/, '"@scan-train/core"');
    const others = `import { sgd } from "@scan-train/core/optim"; import { openGpu } from "@scan-train/gpu";`;
    writeFileSync(join(folder, "use.ts"), [`${core} ${others}`, ...rest].join("\n"));
    files.push("use.ts");
  }
  const base = {
    target: "es2022",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  };
  const projects = [
    { compilerOptions: { ...base, types: ["node"] }, files },
    { compilerOptions: { ...base, types: [], lib: ["es2023", "dom"], noEmit: true }, files },
  ];
  for (const [i, project] of projects.entries()) {
    writeFileSync(join(folder, `tsconfig.${i}.json`), JSON.stringify(project));
    run(folder, "npx", ["tsc", "-p", `tsconfig.${i}.json`]);
  }
  console.log(`types: ${files.join(", ")}`);

  const printed = run(folder, process.execPath, ["readme.js"]).trim().split("\n");
  const wanted = prints.join("\n");
  expect(
    printed.join("\n") === wanted,
    `README says\n${wanted}\nand prints\n${printed.join("\n")}`,
  );
  console.log("README: prints what it says");
}

function main() {
  const folder = mkdtempSync(join(tmpdir(), "scan-train-pack-"));
  try {
    command(process.execPath, ["scripts/run.cjs", "pack", folder], { quiet: true, title: "pack" });
    const tarballs = checkTarballs(folder);
    const manifest = { private: true, type: "module" };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    const { version } = readJson(join(root, "node_modules/typescript/package.json"));
    const nodeTypes = readJson(join(root, "node_modules/@types/node/package.json")).version;
    const packages = [...tarballs.map((name) => `./${name}`), `typescript@${version}`];
    const flags = ["--no-audit", "--no-fund", "--prefer-offline"];
    run(folder, "npm", ["install", ...flags, ...packages, `@types/node@${nodeTypes}`]);
    checkProgram(folder);
    checkTypes(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
