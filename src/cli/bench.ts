// gpudataframe bench: the benchmark lives beside the package in a checkout, with the peers that it compares with.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { NotSupportedError } from "../base/index.ts";

/** The exit code of the benchmark. */
export async function runBench(args: readonly string[]): Promise<number> {
  const script = fileURLToPath(new URL("../../scripts/bench.mjs", import.meta.url));
  if (!existsSync(script)) {
    throw new NotSupportedError("the benchmark is not part of the installed package", {
      hint: "Clone the repository and run `npm run bench`.",
    });
  }
  const child = spawn(process.execPath, [script, ...args], { stdio: "inherit" });
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
