// A worker may end at any time, with it the memory that its calls read: they end with it, and the process lives on.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { loadAddon } from "../../src/device/cpu/index.ts";

const addon = loadAddon();
if (!addon.ok) throw new Error(addon.reason);
const { path } = addon;

test("workers that end with calls under way end these alone", async () => {
  const program = fileURLToPath(new URL("ending_workers.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--import",
    "tsx",
    program,
    path,
  ]);
  const { begun, jobs, bufferBytes } = JSON.parse(stdout);
  expect(begun).toBeGreaterThan(0);
  expect({ jobs, bufferBytes }).toEqual({ jobs: 0, bufferBytes: 0 });
});
