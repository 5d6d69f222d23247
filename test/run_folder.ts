// Runs in vitest's own process: a temporary directory for this run alone, which its workers inherit and which is removed
// at the end with whatever was left in it. Workers end by a signal, which leaves no time for clearing up.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function makeRunFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "gdf-tests-"));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  };
}
