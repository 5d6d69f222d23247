// Folders of tests. All lie in one folder of the run (run_folder.ts), which goes with it even where a process died.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";
import { getCurrentTest } from "vitest/suite";

/** A new folder, removed after the test that asks for it, or after the file or `describe` that does. Not for hooks. */
export function temporaryFolder(): string {
  const path = folderOfRun();
  const remove = () => rmSync(path, { recursive: true, force: true });
  if (getCurrentTest() === undefined) afterAll(remove);
  else onTestFinished(remove);
  return path;
}

/** A new folder that goes with the run: for modules that several files of one process share. */
export function folderOfRun(): string {
  return mkdtempSync(join(tmpdir(), "gdf-"));
}
