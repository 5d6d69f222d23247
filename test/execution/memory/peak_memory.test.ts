// Bounded memory, measured: a process persists ten times its hostMemory, reads it twice (sums of floats do), and does not grow
// beyond 1.25 of it. The allowance is what V8 and the allocator keep whatever the budget is.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary_folder.ts";

const BUDGET_MIB = 12;
const ALLOWANCE_MIB = 64;

test("ten times the budget", () => {
  const base = temporaryFolder();
  const script = fileURLToPath(new URL("peak_memory.ts", import.meta.url));
  const arguments_ = ["--import", "tsx", script, String(BUDGET_MIB), base];
  const child = spawnSync(process.execPath, arguments_, { encoding: "utf8" });
  const left = readdirSync(base);
  expect(child.stderr).toBe("");
  const { growthMiB, spilledMiB } = JSON.parse(child.stdout) as Record<string, number>;
  expect(spilledMiB).toBeGreaterThan(8 * BUDGET_MIB);
  expect(growthMiB).toBeLessThan(1.25 * BUDGET_MIB + ALLOWANCE_MIB);
  expect(left).toEqual([]);
});
