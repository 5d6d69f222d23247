// fc.assert() that counts: how many random cases held, by property, and how many comparisons that were, by executor. Each
// file prints its counts when it ends, and `npm run fuzz` adds them up.

import { appendFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll } from "vitest";
import { noteCase } from "./case_note.ts";

const COUNTS_PATH = process.env.GDF_FUZZ_COUNTS;

interface Count {
  readonly property: string;
  /** Comparisons, by what the case was compared on. */
  readonly compared: Map<string, number>;
  cases: number;
}
const counts = new Map<string, Count>();

// Registered where the file is collected: inside a running test it would be ignored.
afterAll(() => {
  for (const { property, cases, compared } of counts.values()) {
    const by = [...compared].map(([name, count]) => `${name} ${count}`).join(", ");
    console.log(`FUZZ: ${property}: ${cases} cases passed${by && ` (${by})`}`);
  }
  const { maxRSS } = process.resourceUsage();
  const { user, system } = process.cpuUsage();
  const seconds = ((user + system) / 1e6).toFixed(1);
  console.log(
    `FUZZ: ${seconds} s of processor time, peak memory ${(maxRSS / 1024).toFixed(0)} MiB`,
  );
  if (COUNTS_PATH === undefined) return;
  const lines = [...counts.values()].map(({ compared, ...rest }) =>
    JSON.stringify({ ...rest, compared: Object.fromEntries(compared) }),
  );
  appendFileSync(COUNTS_PATH, lines.map((line) => `${line}\n`).join(""));
});

/** What a property knows of the case at hand. */
export interface Trial {
  /** Which case of the property it is, from 0; cases that a failure is made smaller by go on counting. */
  readonly index: number;
  /** A case has failed, and smaller ones are tried: all executors take them, whatever their share. */
  readonly isShrinking: boolean;
  /** Notes that the case held on an executor. */
  readonly held: (executor: string) => void;
}

/** As fc.assert(): a case that fails ends the run, and is printed with its seed. */
export async function assertCounted<Case>(
  property: string,
  cases: fc.Arbitrary<Case>,
  holds: (input: Case, trial: Trial) => Promise<void>,
  parameters: fc.Parameters<[Case]> = {},
): Promise<void> {
  const count = counts.get(property) ?? { property, compared: new Map(), cases: 0 };
  counts.set(property, count);
  const held = (executor: string) =>
    count.compared.set(executor, (count.compared.get(executor) ?? 0) + 1);
  let index = 0;
  let isShrinking = false;
  const predicate = fc.asyncProperty(cases, async (input) => {
    noteCase(property, index, String(fc.readConfigureGlobal().seed));
    try {
      await holds(input, { index, isShrinking, held });
    } catch (error) {
      isShrinking = true;
      throw error;
    }
    index += 1;
    if (!isShrinking) count.cases += 1;
  });
  await fc.assert(predicate, { verbose: fc.VerbosityLevel.None, ...parameters });
}

/**
 * Whether an adapter takes a case: one in `share`, by turns. Software adapters compile what is new to them for a second,
 * while the host runs hundreds of cases.
 */
export function takesTurn({ index, isShrinking }: Trial, share: number, adapter: number): boolean {
  return isShrinking || index % share === adapter % share;
}
