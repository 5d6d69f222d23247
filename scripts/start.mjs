// npm start: the demonstration, from a bare clone.
import { ensureAll } from "./ensure.mjs";
import { exitCodeOf } from "./run-process.mjs";

await ensureAll();
const { vulkanEnvironment } = await import("./vulkan-environment.mjs");
const args = process.argv.slice(2);
process.exitCode = await exitCodeOf(
  process.execPath,
  ["dist/cli/main.js", ...(args.length > 0 ? args : ["demo"])],
  { env: vulkanEnvironment() },
);
