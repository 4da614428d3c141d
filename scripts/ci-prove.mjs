// `npm run ci:prove [-- WORDS]`: proves that `.ci/run` catches what it is there for. Every fault of `faults.mjs` (or
// those whose name holds all of the words) is planted in a temporary clone of HEAD, and `.ci/run`, narrowed to the check
// or tests that should catch it, must fail and name it. A clone without a fault must pass the same checks and tests first.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TaskError, command, root } from "./command.mjs";
import { faults } from "./faults.mjs";

/**
 * @typedef {import("./faults.mjs").Fault} Fault
 * @typedef {import("./faults.mjs").Edit} Edit
 * @typedef {{ exitCode: number | null, output: string }} Outcome
 */

/**
 * @param {string} text the file before
 * @param {Edit} edit
 * @param {string} name the fault's, for messages
 * @returns {string} the file with the fault
 */
export function plant(text, { file, find, replace }, name) {
  if (find === undefined) return text + replace;
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const problem = after === undefined ? "does not occur" : "occurs more than once";
    throw new TaskError(`fault "${name}": its text ${problem} in ${file}:\n${find}`);
  }
  return before + replace + after;
}

/**
 * What `.ci/run` is narrowed to: the checks and tests of all these faults.
 *
 * @param {readonly Fault[]} some
 * @returns {Record<string, string>} environment variables
 */
export function narrowed(some) {
  const union = (/** @type {readonly (string | undefined)[]} */ lists) =>
    [...new Set(lists.flatMap((list) => list?.split(" ") ?? []))].join(" ");
  return {
    SCAN_TRAIN_CI_CHECKS: union(some.map(({ check }) => check ?? "tests")),
    SCAN_TRAIN_CI_TESTS: union(some.map(({ tests }) => tests)),
  };
}

/**
 * What is wrong with the way `.ci/run` took the fault; undefined when it was caught.
 *
 * @param {Fault | undefined} fault undefined: nothing was planted
 * @param {Outcome} outcome
 */
export function objection(fault, { exitCode, output }) {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const count = /^(\d+) passed, (\d+) failed$/.exec(last);
  if (count === null) return `the last line is not "N passed, N failed" but "${last}"`;
  const hasFailed = exitCode !== 0 && count[2] !== "0";
  if (fault === undefined)
    return hasFailed || exitCode !== 0 ? "it fails without a fault" : undefined;
  if (!hasFailed) return "it passes in spite of the fault";
  return fault.expect.test(output) ? undefined : `it fails without saying ${fault.expect}`;
}

/**
 * @param {readonly Edit[]} edits
 * @param {string} name
 * @param {Record<string, string>} env
 * @returns {Promise<Outcome>}
 */
async function runClone(edits, name, env) {
  const folder = mkdtempSync(join(tmpdir(), "scan-train-prove-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const clone = join(folder, "scan-train");
    command("git", ["clone", "--quiet", root, clone]);
    for (const edit of edits) {
      const file = join(clone, edit.file);
      writeFileSync(file, plant(readFileSync(file, "utf8"), edit, name));
    }
    return await runCi(clone, env);
  } finally {
    remove();
    process.removeListener("exit", remove);
  }
}

/**
 * @param {string} clone
 * @param {Record<string, string>} env
 * @returns {Promise<Outcome>}
 */
function runCi(clone, env) {
  const child = spawn("bash", [".ci/run"], {
    cwd: clone,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, output }));
  });
}

/** @param {string} file */
function textAtHead(file) {
  const shown = spawnSync("git", ["show", `HEAD:${file}`], { cwd: root, encoding: "utf8" });
  if (shown.status !== 0) throw new TaskError(`there is no ${file} in HEAD to plant a fault in`);
  return shown.stdout;
}

/** @param {readonly string[]} words */
async function main(words) {
  const chosen = faults.filter(({ name }) => words.every((word) => name.includes(word)));
  if (chosen.length === 0) throw new TaskError(`no fault has "${words.join(" ")}" in its name`);
  for (const { edits, name } of chosen)
    for (const edit of edits) plant(textAtHead(edit.file), edit, name);
  const dirty = spawnSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" }).stdout;
  if (dirty !== "") console.log("Note: what is not committed is not tried; clones are of HEAD.");

  let caught = 0;
  const missed = [];
  for (const fault of [undefined, ...chosen]) {
    const name = fault?.name ?? "no fault";
    const start = performance.now();
    const outcome = await runClone(
      fault?.edits ?? [],
      name,
      narrowed(fault === undefined ? chosen : [fault]),
    );
    const problem = objection(fault, outcome);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${problem === undefined ? "ok    " : "FAILED"}  ${name} (${seconds} s)`);
    if (problem === undefined) caught += 1;
    else missed.push(`== ${name}: ${problem}\n${outcome.output}`);
  }
  if (missed.length > 0) console.log(`\n${missed.join("\n")}`);
  console.log(`${caught} passed, ${missed.length} failed`);
  if (missed.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once("SIGINT", () => process.exit(130));
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.expected ? error.message : error);
    process.exitCode = 1;
  });
}
