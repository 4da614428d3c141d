// Part of `npm run lint`: what would make the same seed give other bits on another engine, system or locale.
import { fileURLToPath } from "node:url";
import { root } from "./command.mjs";
import { isNode, lineOf, readSources, report, walk } from "./syntax.mjs";

/** Engines are free in the last bits of these. */
const bannedMath = new Set(
  (
    "exp log log2 log10 pow sin cos tan tanh sinh cosh asin acos atan atan2 asinh acosh atanh " +
    "expm1 log1p hypot cbrt random"
  ).split(" "),
);

/** The slow definitions of ops, which compiled results are compared with within a tolerance. */
const mathAllowed = "packages/core/src/ops/reference/";

/**
 * @typedef {import("./syntax.mjs").Node} Node
 * @typedef {import("./syntax.mjs").Source} Source
 * @typedef {import("./syntax.mjs").Fault} Fault
 */

/**
 * @param {readonly Source[]} sources
 * @returns {Fault[]}
 */
export function findBanned(sources) {
  return sources.flatMap((source) => {
    /** @type {Fault[]} */
    const faults = [];
    walk(source.program, (node, parent) => {
      const message =
        localeFault(node) ??
        (source.path.startsWith(mathAllowed) ? undefined : mathFault(node, parent));
      if (message === undefined) return;
      faults.push({ file: source.path, line: lineOf(source, node), rule: "banned", message });
    });
    return faults.sort((a, b) => a.line - b.line);
  });
}

/** @param {Node} node */
function localeFault(node) {
  const isLocale = node["name"] === "localeCompare" || node["value"] === "localeCompare";
  return isLocale ? "localeCompare depends on the machine; compare with < and >" : undefined;
}

/**
 * @param {Node} node
 * @param {Node} parent
 */
function mathFault(node, parent) {
  const remedy = `use scan-train's own functions, or move it to ${mathAllowed}`;
  const { operator } = node;
  if (operator === "**" || operator === "**=") return `the operator ${operator}; ${remedy}`;
  if (node.type !== "Identifier" || node["name"] !== "Math" || isPropertyName(node, parent)) return;

  const property = parent["property"];
  const isRead = parent.type === "MemberExpression" && parent["object"] === node;
  if (!isRead || parent["computed"] === true || !isNode(property)) {
    return "Math by another name hides what is used of it; write Math.name";
  }
  const name = String(property["name"]);
  return bannedMath.has(name) ? `Math.${name}; ${remedy}` : undefined;
}

/**
 * A name in an object or a class, as in `{ Math: 1 }`.
 *
 * @param {Node} node
 * @param {Node} parent
 */
function isPropertyName(node, parent) {
  return parent["key"] === node && parent["computed"] !== true && parent["shorthand"] !== true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sources = readSources(root);
  report("banned", findBanned(sources), sources.length);
}
