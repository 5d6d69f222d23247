// Compiles src/ into dist/ with declarations. Incremental.
import { createRequire } from "node:module";
import { withBuildLock } from "./lock.mjs";
import { runNode } from "./run-process.mjs";

const require = createRequire(import.meta.url);

export async function buildTypeScript() {
  await runNode([require.resolve("typescript/bin/tsc"), "-p", "tsconfig.build.json"]);
}

if (import.meta.filename === process.argv[1]) await withBuildLock(buildTypeScript);
