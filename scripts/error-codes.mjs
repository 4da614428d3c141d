// `npm run error-codes`: every error code has a test that mentions it, so that every message has been read at least once.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./command.mjs";
import { isNode, lineOf, readSources, report, walk } from "./syntax.mjs";

/**
 * @typedef {import("./syntax.mjs").Source} Source
 * @typedef {import("./syntax.mjs").Node} Node
 * @typedef {import("./syntax.mjs").Fault} Fault
 */

/**
 * The codes that a source gives to errors: words in capitals in the first argument of `new SomeError(...)` and `super(...)`.
 *
 * @param {Source} source
 * @returns {{ code: string, line: number }[]}
 */
export function codesOf(source) {
  /** @type {{ code: string, line: number }[]} */
  const codes = [];
  walk(source.program, (node) => {
    const callee = node["callee"];
    const isError =
      node.type === "NewExpression" && isNode(callee) && String(callee["name"]).endsWith("Error");
    const isSuper = node.type === "CallExpression" && isNode(callee) && callee.type === "Super";
    const [first] = Array.isArray(node["arguments"]) ? node["arguments"] : [];
    if (!(isError || isSuper) || !isNode(first)) return;
    walk(first, ({ type, value, start }) => {
      if (type !== "Literal" || typeof value !== "string" || !/^[A-Z][A-Z0-9_]+$/.test(value))
        return;
      codes.push({ code: value, line: lineOf(source, { type, start }) });
    });
  });
  return codes.sort((a, b) => a.line - b.line);
}

/**
 * @param {readonly Source[]} sources
 * @param {string} tests the texts of all tests and snapshots
 * @returns {Fault[]}
 */
export function findUntested(sources, tests) {
  // As a test writes them: the string "CODE", or `CODE: message`.
  const mentioned = new Set(
    [...tests.matchAll(/\b([A-Z][A-Z0-9_]+)\b["'`:]/g)].map(([, code]) => code),
  );
  const all = sources.flatMap((source) =>
    codesOf(source).map(({ code, line }) => ({ file: source.path, code, line })),
  );
  const untested = all.filter(({ code }) => !mentioned.has(code));
  return [...new Map(untested.map((one) => [one.code, one])).values()].map(
    ({ file, code, line }) => ({
      file,
      line,
      rule: "untested-error",
      message: `no test mentions ${code}; hold its message to an inline snapshot`,
    }),
  );
}

/**
 * The texts of all files in the packages' test folders.
 *
 * @param {string} from the root
 */
export function readTests(from) {
  const packages = join(from, "packages");
  const folders = readdirSync(packages).map((name) => join(packages, name, "test"));
  return folders.filter(existsSync).flatMap(textsUnder).join("\n");
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function textsUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return textsUnder(path);
    return /\.([cm]?[jt]s|snap)$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sources = readSources(root);
  report("error codes", findUntested(sources, readTests(root)), sources.length);
}
