// fc.assert() that counts: how many random cases held, by property. Each file prints its counts when it ends, and
// `npm run fuzz` adds them up.

import { appendFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll } from "vitest";
import { noteCase } from "./case_note.ts";

const COUNTS_PATH = process.env.GDF_FUZZ_COUNTS;
const counts = new Map<string, number>();

// Registered where the file is collected: inside a running test it would be ignored.
afterAll(() => {
  for (const [name, passed] of counts) console.log(`FUZZ: ${name}: ${passed} cases passed`);
  const { maxRSS } = process.resourceUsage();
  console.log(`FUZZ: peak memory ${(maxRSS / 1024).toFixed(0)} MiB`);
  if (COUNTS_PATH === undefined) return;
  const lines = [...counts].map(([name, passed]) => `${JSON.stringify({ name, passed })}\n`);
  appendFileSync(COUNTS_PATH, lines.join(""));
});

/** As fc.assert(): a case that fails ends the run, and is printed with its seed. */
export async function assertCounted<Case>(
  name: string,
  cases: fc.Arbitrary<Case>,
  holds: (input: Case) => Promise<void>,
  parameters: fc.Parameters<[Case]> = {},
): Promise<void> {
  let passed = 0;
  const property = fc.asyncProperty(cases, async (input) => {
    noteCase(name, passed, String(fc.readConfigureGlobal().seed));
    await holds(input);
    passed += 1;
  });
  try {
    await fc.assert(property, { verbose: fc.VerbosityLevel.None, ...parameters });
  } finally {
    counts.set(name, (counts.get(name) ?? 0) + passed);
  }
}
