// Runs a child process with this process's console and fails when it fails.
import { spawn } from "node:child_process";
import { rootPath } from "./paths.mjs";

/** Resolves with the exit code, 1 if a signal ended the child. */
export function exitCodeOf(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: rootPath("."), stdio: "inherit", ...options });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

export async function run(command, args, options) {
  const code = await exitCodeOf(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with code ${code}`);
}

export const runNode = (args, options) => run(process.execPath, args, options);
