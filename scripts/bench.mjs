// npm run bench: builds what is stale and runs bench/main.ts on the compiled package, or bench/NAME/main.ts with
// `npm run bench -- NAME`. Options after `--` are explained by `npm run bench -- [NAME] --help`.
import { existsSync } from "node:fs";
import { ensureAll } from "./ensure.mjs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

const [name, ...rest] = process.argv.slice(2);
const isNamed = name !== undefined && existsSync(rootPath(`bench/${name}/main.ts`));
const program = isNamed
  ? [`bench/${name}/main.ts`, ...rest]
  : ["bench/main.ts", ...process.argv.slice(2)];
await ensureAll();
const { vulkanEnvironment } = await import("./vulkan-environment.mjs");
process.exitCode = await exitCodeOf(
  process.execPath,
  // bench/tsconfig.json resolves the package's own name to dist/, so that what ships is measured.
  ["--expose-gc", "--import", "tsx", ...program],
  { env: { ...vulkanEnvironment(), TSX_TSCONFIG_PATH: rootPath("bench/tsconfig.json") } },
);
