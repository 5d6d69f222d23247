// npm run bench: builds what is stale and runs bench/main.ts on the compiled package. Options after
// `--` are explained by `npm run bench -- --help`.
import { ensureAll } from "./ensure.mjs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

await ensureAll();
const { vulkanEnvironment } = await import("./vulkan-environment.mjs");
process.exitCode = await exitCodeOf(
  process.execPath,
  // bench/tsconfig.json resolves the package's own name to dist/, so that what ships is measured.
  ["--expose-gc", "--import", "tsx", "bench/main.ts", ...process.argv.slice(2)],
  { env: { ...vulkanEnvironment(), TSX_TSCONFIG_PATH: rootPath("bench/tsconfig.json") } },
);
