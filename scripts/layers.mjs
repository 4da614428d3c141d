// `npm run layers`: who may import whom. The tables are the architecture; the rest of the rules is in
// `layer-rules.mjs`. Imports for types count like all others.
import { fileURLToPath } from "node:url";
import { root } from "./command.mjs";
import { checkLayers, checkLengths } from "./layer-rules.mjs";
import { readPrograms, readSources, report } from "./syntax.mjs";

/**
 * The folders of packages/core/src, from bottom to top, and the folders each may import besides itself.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const core = {
  errors: [],
  size: ["errors"],
  graph: ["errors", "size"],
  "loop-ir": ["errors", "size"],
  ops: ["errors", "size", "graph", "loop-ir"],
  autodiff: ["errors", "size", "graph"],
  rewrite: ["errors", "size", "graph", "loop-ir", "ops", "autodiff"],
  lower: ["errors", "size", "graph", "loop-ir", "ops"],
  backend: ["errors", "size", "loop-ir"],
  runtime: ["errors", "size", "graph", "loop-ir", "ops", "autodiff", "rewrite", "lower", "backend"],
  api: [
    "errors",
    "size",
    "graph",
    "loop-ir",
    "ops",
    "autodiff",
    "rewrite",
    "lower",
    "backend",
    "runtime",
  ],
  random: ["errors", "size", "graph", "ops", "api"],
  optim: ["errors", "size", "graph", "ops", "api", "random"],
  nn: ["errors", "size", "graph", "ops", "api", "random", "optim"],
};

/** Files beside those folders: what the package publishes. They may import every folder, and not each other. */
const entries = ["index.ts", "nn.ts", "optim.ts", "random.ts", "backend-kit.ts", "ambient.d.ts"];

/**
 * What each package may import besides its own files. A final * matches any ending.
 * `browser` files are browser.ts, browser-*.ts, the folder browser/, `pageEntries`, and all that these import: none of them needs Node.
 *
 * @type {import("./layer-rules.mjs").LayerTable["packages"]}
 */
const packages = {
  core: { imports: [] },
  gpu: { imports: ["@scan-train/core/backend-kit"] },
  workers: {
    imports: ["@scan-train/core", "@scan-train/core/*", "comlink", "piscina", "node:*"],
    browser: ["@scan-train/core", "@scan-train/core/*", "comlink"],
  },
  cli: {
    imports: ["*"],
    pageEntries: ["job.ts"],
    browser: ["@scan-train/core", "@scan-train/core/*", "@scan-train/workers", "@stdlib/*"],
  },
};

export const table = { core, entries, packages };

/** The lines of a file, a test as well as a source. */
export const longestFile = 400;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const programs = readPrograms(root);
  const faults = [...checkLayers(readSources(root), table), ...checkLengths(programs, longestFile)];
  report("layers", faults, programs.length);
}
