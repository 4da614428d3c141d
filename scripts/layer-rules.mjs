// The rules behind `layers.mjs`: a list of faults from the sources and the tables.
import { posix } from "node:path";
import { findCycles, reachedFrom } from "./import-cycles.mjs";
import { importsOf, isNode, lineOf } from "./syntax.mjs";

/**
 * @typedef {import("./syntax.mjs").Source} Source
 * @typedef {import("./syntax.mjs").Text} Text
 * @typedef {import("./syntax.mjs").Import} Import
 * @typedef {import("./syntax.mjs").Fault} Fault
 * @typedef {{ imports: readonly string[], browser?: readonly string[], pageEntries?: readonly string[] }} PackageRule
 * @typedef {{
 *   core: Readonly<Record<string, readonly string[]>>,
 *   entries: readonly string[],
 *   packages: Readonly<Record<string, PackageRule>>,
 * }} LayerTable
 * @typedef {{ source: Source, imports: readonly (Import & { target: string | undefined })[] }} Module
 *   target: the imported file of the repository, undefined for a package
 */

/**
 * @param {readonly Source[]} sources
 * @param {LayerTable} table
 * @returns {Fault[]}
 */
export function checkLayers(sources, table) {
  const modules = sources.map(toModule);
  const graph = new Map(modules.map((module) => [module.source.path, targetsOf(module)]));
  const browserFiles = reachedFrom(
    graph,
    [...graph.keys()].filter((path) => isBrowserFile(path, table)),
  );
  return [
    ...modules.flatMap((module) => [
      ...defaultExportFaults(module.source),
      ...packageFaults(module, table, browserFiles.has(module.source.path)),
      ...layerFaults(module, table),
    ]),
    ...findCycles(graph).map((cycle) => ({
      file: cycle[0] ?? "",
      line: 1,
      rule: "import-cycle",
      message: cycle.map(inPackage).join(" -> "),
    })),
  ];
}

/**
 * Files that have more lines than one can read at once; tables made by a program may be as long as they are.
 *
 * @param {readonly Text[]} files
 * @param {number} longest
 * @returns {Fault[]}
 */
export function checkLengths(files, longest) {
  return files.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, "").split("\n");
    if (lines.length <= longest || lines[0]?.startsWith("// generated table")) return [];
    const message = `${lines.length} lines, and ${longest} are allowed; make it two files`;
    return [{ file: path, line: longest + 1, rule: "long-file", message }];
  });
}

/**
 * @param {Source} source
 * @returns {Module}
 */
function toModule(source) {
  const imports = importsOf(source).map((one) => ({
    ...one,
    target: one.specifier.startsWith(".")
      ? posix.join(posix.dirname(source.path), one.specifier)
      : undefined,
  }));
  return { source, imports };
}

/** @param {Module} module */
function targetsOf(module) {
  return module.imports.flatMap(({ target }) => (target === undefined ? [] : [target]));
}

/**
 * @param {Source} source
 * @returns {Fault[]}
 */
function defaultExportFaults(source) {
  const body = /** @type {import("./syntax.mjs").Node[]} */ (source.program["body"]);
  return body
    .filter((node) => node.type === "ExportDefaultDeclaration" || exportsDefault(node))
    .map((node) => ({
      file: source.path,
      line: lineOf(source, node),
      rule: "default-export",
      message: "export it by its name",
    }));
}

/** @param {import("./syntax.mjs").Node} node */
function exportsDefault(node) {
  const specifiers = node["specifiers"];
  if (node.type !== "ExportNamedDeclaration" || !Array.isArray(specifiers)) return false;
  return specifiers.some(({ exported }) => isNode(exported) && exported["name"] === "default");
}

/**
 * @param {Module} module
 * @param {LayerTable} table
 * @param {boolean} isForBrowsers
 * @returns {Fault[]}
 */
function packageFaults(module, table, isForBrowsers) {
  const { path } = module.source;
  const name = packageOf(path);
  const rule = table.packages[name];
  if (rule === undefined) {
    const message = `packages/${name} has no row in scripts/layers.mjs`;
    return [{ file: path, line: 1, rule: "unknown-package", message }];
  }
  const allowed = isForBrowsers ? (rule.browser ?? rule.imports) : rule.imports;
  return module.imports.flatMap(({ specifier, target, line }) => {
    const isOwn = target?.startsWith(`packages/${name}/src/`) ?? false;
    if (isOwn || (target === undefined && matches(allowed, specifier))) return [];
    const who = isForBrowsers ? `browser files of ${name}` : name;
    const list = allowed.length === 0 ? "nothing" : `only ${allowed.join(", ")}`;
    const message = `"${specifier}": ${who} may import ${list} from outside its own src`;
    return [{ file: path, line, rule: "foreign-import", message }];
  });
}

/**
 * @param {readonly string[]} patterns
 * @param {string} specifier
 */
function matches(patterns, specifier) {
  if (/^@scan-train\/[^/]+\/(src|dist)(\/|$)/.test(specifier)) return false;
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? specifier.startsWith(pattern.slice(0, -1)) : specifier === pattern,
  );
}

/**
 * @param {Module} module
 * @param {LayerTable} table
 * @returns {Fault[]}
 */
function layerFaults(module, table) {
  const { path } = module.source;
  if (packageOf(path) !== "core") return [];
  const from = layerOf(path);
  const isEntry = table.entries.includes(from);
  const allowed = isEntry ? Object.keys(table.core) : table.core[from];
  if (allowed === undefined) {
    const message = `"${from}" has no row in scripts/layers.mjs`;
    return [{ file: path, line: 1, rule: "unknown-layer", message }];
  }
  return module.imports.flatMap(({ specifier, target, line }) => {
    if (target === undefined || packageOf(target) !== "core") return [];
    const to = layerOf(target);
    if (to === from || allowed.includes(to)) return [];
    const list = allowed.length === 0 ? "no other folder" : `only ${allowed.join(", ")}`;
    const message = `"${specifier}" is in ${to}; ${from} may import ${list}`;
    return [{ file: path, line, rule: "upward-import", message }];
  });
}

/** @param {string} path */
function packageOf(path) {
  return path.split("/")[1] ?? "";
}

/**
 * The folder of src that holds the file, or the file's own name where it lies in src itself.
 *
 * @param {string} path
 */
function layerOf(path) {
  return path.split("/")[3] ?? "";
}

/** @param {string} path */
function inPackage(path) {
  return path.replace(/^packages\/([^/]+)\/src\//, "$1/");
}

/**
 * @param {string} path
 * @param {LayerTable} table
 */
function isBrowserFile(path, table) {
  const entries = table.packages[packageOf(path)]?.pageEntries ?? [];
  return (
    /\/src\/browser(\.|-|\/)/.test(path) || entries.some((name) => path.endsWith(`/src/${name}`))
  );
}
