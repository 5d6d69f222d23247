// npm test: brings the clone up to date, runs vitest, and ends with one line of counts. Arguments
// go to vitest: `npm test -- test/join`.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { ensureDependencies, ensureNative, ensureTypeScript } from "./ensure.mjs";
import { withBuildLock } from "./lock.mjs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

await withBuildLock(async () => {
  await ensureDependencies();
  await ensureNative();
  // Tests run from src/; only those of the command line need dist/. Types are judged by `check`.
  await ensureTypeScript().catch((error) => console.error(`dist/ has errors: ${error.message}`));
});
const resultsPath = rootPath(`build/test-results-${process.pid}.json`);
mkdirSync(rootPath("build"), { recursive: true });
const vitestCode = await exitCodeOf(process.execPath, [
  rootPath("node_modules/vitest/vitest.mjs"),
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${resultsPath}`,
  ...process.argv.slice(2),
]);
const counts = readCounts();
// A worker that died or an error outside any test leaves no failed test behind, only the exit code.
if (vitestCode !== 0 && counts.failed === 0) counts.failed = 1;
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);

function readCounts() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (!existsSync(resultsPath)) return counts;
  const { testResults } = JSON.parse(readFileSync(resultsPath, "utf8"));
  rmSync(resultsPath);
  for (const file of testResults) {
    const failedBefore = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") counts.passed++;
      else if (status === "failed") counts.failed++;
      else counts.skipped++;
    }
    // The file itself could not be loaded, or a hook outside its tests threw.
    if (file.status === "failed" && counts.failed === failedBefore) counts.failed++;
  }
  return counts;
}
