// Reading sources for the checks: the files of a package, their syntax trees, what they import.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

/**
 * @typedef {{ type: string, start: number, [key: string]: unknown }} Node a node of the ESTree
 * @typedef {{ path: string, text: string }} Text path: relative to the root, with slashes
 * @typedef {Text & { program: Node }} Source
 * @typedef {{ specifier: string, line: number }} Import
 * @typedef {{ file: string, line: number, rule: string, message: string }} Fault
 */

/**
 * The sources of every package, in order of their paths.
 *
 * @param {string} root
 * @returns {Source[]}
 */
export function readSources(root) {
  const packages = join(root, "packages");
  return readdirSync(packages)
    .sort()
    .filter((name) => existsSync(join(packages, name, "src")))
    .flatMap((name) => filesUnder(root, `packages/${name}/src`))
    .map((path) => parse(path, readFileSync(join(root, path), "utf8")));
}

/**
 * Everything that people write here: sources, tests, scripts, benchmarks, programs of docs and examples.
 *
 * @param {string} root
 * @returns {Text[]}
 */
export function readPrograms(root) {
  return ["packages", "scripts", "benchmarks", "docs", "examples"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => filesUnder(root, folder))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const notWritten = new Set(["node_modules", "dist"]);

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return notWritten.has(entry.name) ? [] : filesUnder(root, path);
      return /\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
    });
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {Source}
 */
export function parse(path, text) {
  const { program, errors } = parseSync(path, text);
  const error = errors[0];
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return { path, text, program: /** @type {Node} */ (/** @type {unknown} */ (program)) };
}

/**
 * Calls `visit` for every node, parents first.
 *
 * @param {Node} program
 * @param {(node: Node, parent: Node) => void} visit
 */
export function walk(program, visit) {
  /** @type {[node: Node, parent: Node][]} */
  const pending = [[program, program]];
  for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
    const [node, parent] = top;
    visit(node, parent);
    for (const value of Object.values(node).flat()) {
      if (isNode(value)) pending.push([value, node]);
    }
  }
}

/**
 * @param {unknown} value
 * @returns {value is Node}
 */
export function isNode(value) {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/**
 * What a file imports: statically, by re-export, by `import()`, and in types.
 *
 * @param {Source} source
 * @returns {Import[]}
 */
export function importsOf(source) {
  /** @type {Import[]} */
  const imports = [];
  walk(source.program, (node) => {
    const target = isImport.has(node.type) ? (node["source"] ?? node["argument"]) : undefined;
    if (!isNode(target) || typeof target["value"] !== "string") return;
    imports.push({ specifier: target["value"], line: lineOf(source, node) });
  });
  return imports.sort((a, b) => a.line - b.line);
}

const isImport = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

/**
 * @param {Source} source
 * @param {Node} node
 */
export function lineOf(source, node) {
  return source.text.slice(0, node.start).split("\n").length;
}

/**
 * Prints what a check found and sets the exit code.
 *
 * @param {string} check
 * @param {readonly Fault[]} faults
 * @param {number} files how many were read
 */
export function report(check, faults, files) {
  for (const { file, line, rule, message } of faults) {
    console.error(`${file}:${line}  ${rule}: ${message}`);
  }
  console.log(`${check}: ${files} files, ${faults.length} faults`);
  if (faults.length > 0) process.exitCode = 1;
}
