// What a test process is at, in a file that outlives it: says which random case ended a process.

import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function caseNotePath(pid: number): string {
  return join(tmpdir(), `gpudataframe-fuzz-case-${pid}`);
}

/** Only while fuzzing: some 20 us a case. */
export function noteCase(property: string, index: number, seed: string): void {
  if (process.env.GDF_FUZZ_COUNTS === undefined) return;
  writeFileSync(caseNotePath(process.pid), `case ${index} of "${property}", seed ${seed}`);
}
