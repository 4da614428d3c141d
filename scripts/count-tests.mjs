// `node scripts/count-tests.mjs REPORT EXIT_CODE`: prints "PASSED FAILED" from vitest's JSON report. A run that failed
// without a failed test (a file that does not load, an error between tests, no report at all) counts as failed once or
// once a file.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readJson } from "./command.mjs";

/**
 * @typedef {{ status: string }} Assertion
 * @typedef {{ status: string, assertionResults: readonly Assertion[] }} FileResult
 * @param {{ testResults: readonly FileResult[] } | undefined} report
 * @param {boolean} succeeded whether vitest exited with 0
 */
export function countTests(report, succeeded) {
  const files = report?.testResults ?? [];
  const statuses = files.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const passed = statuses.filter((status) => status === "passed").length;
  const failedTests = statuses.filter((status) => status === "failed").length;
  const brokenFiles = files.filter(
    (file) =>
      file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
  ).length;
  const failed = failedTests + brokenFiles;
  return { passed, failed: failed === 0 && !succeeded ? 1 : failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file = "", exitCode] = process.argv.slice(2);
  const { passed, failed } = countTests(
    existsSync(file) ? readJson(file) : undefined,
    exitCode === "0",
  );
  console.log(`${passed} ${failed}`);
}
