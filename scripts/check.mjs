// npm run check: everything about the sources that a machine can judge. All checks run, and the
// command fails if one of them did.
import { clangFormatIsClean } from "./clang-format.mjs";
import { ensureDependencies } from "./ensure.mjs";
import { withBuildLock } from "./lock.mjs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

await withBuildLock(ensureDependencies);
const node =
  (path, ...args) =>
  () =>
    exitCodeOf(process.execPath, [rootPath(`node_modules/${path}`), ...args]);

const checks = {
  "biome (format and lint)": node("@biomejs/biome/bin/biome", "check", "--error-on-warnings"),
  "oxlint (unhandled promises and more)": node(
    "oxlint/bin/oxlint",
    "--type-aware",
    "--deny-warnings",
  ),
  "tsc (src, test, bench)": node("typescript/bin/tsc", "-p", "tsconfig.json"),
  "clang-format (native)": async () => ((await clangFormatIsClean()) ? 0 : 1),
  "knip (dead code)": node("knip/bin/knip.js", "--no-progress"),
};

const failed = [];
const only = process.argv[2];
for (const [name, check] of Object.entries(checks)) {
  if (only !== undefined && !name.startsWith(only)) continue;
  console.log(`== ${name}`);
  if ((await check()) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? "all checks passed" : `failed: ${failed.join("; ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
