import { defineConfig } from "vitest/config";

// Tests import their own package's `../src/x.ts` and other packages by name, from `dist`: build first. No
// `resolve.conditions` here: vitest hands them to worker threads, which then find sources that Node 20 cannot run.
export default defineConfig({
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "benchmarks/test/**/*.test.ts",
      "scripts/test/**/*.test.ts",
      "docs/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    setupFiles: ["scripts/vitest-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Files of one process share modules: loading the packages anew for each took a third of the time.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What tests wait for comes late on a busy machine; the usual second is too short for a page.
    expect: { poll: { timeout: 20_000 } },
  },
});
