// Every operation that runs a regular expression takes time linear in the text, whatever the pattern.
import { afterAll, describe, expect, test } from "vitest";
import { col, Session } from "../../src/index.ts";
import { applyText, matchesRegex } from "../../src/text/index.ts";

const session = new Session({ engine: "cpu", threads: 1 });
afterAll(() => session.close());

const OPERATIONS = ["matches", "replace first", "replace all"] as const;
type Operation = (typeof OPERATIONS)[number];

async function runOnCpu(operation: Operation, pattern: RegExp, text: string): Promise<void> {
  const frame = session.fromColumns({ t: [text] });
  const { str } = col("t");
  if (operation === "matches") await frame.select(str.matches(pattern).as("t")).compute();
  else {
    const all = operation === "replace all";
    await frame.select(str.replace(pattern, "<$&>", { all }).as("t")).compute();
  }
}

function runOnReference(operation: Operation, pattern: RegExp, text: string): Promise<void> {
  const all = operation === "replace all";
  if (operation === "matches") matchesRegex(pattern, text);
  else applyText({ kind: "replaceMatches", pattern, replacement: "<$&>", all }, text);
  return Promise.resolve();
}

/** They backtrack exponentially, have no table, or hope for more after every match. */
const EVIL: readonly (readonly [pattern: RegExp, unit: string])[] = [
  [/a(?:.*b)?/, "a"],
  [/a(?:.*?b)?/, "a"],
  [/a(?:.*b)?(?:.*c)?(?:.*d)?/, "a"],
  [/a(?:[ab]*c)?/, "ab"],
  [/é(?:.*b)?/, "é"],
  [/(?:a*)*b|a/, "a"],
  [/(?:a|a)*b|a/, "a"],
  [/(?:a|aa)+$|a/, "ab"],
  [/(.*)(.*)(.*)x|a/, "a"],
  [/^((a+)+)+$/, "aaab"],
  [/(?:a|b)*a(?:a|b){14}c/, "ab"],
  [/(x+x+)+y/, "x"],
];

/** The least of three runs. */
async function msOf(run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let k = 0; k < 3; k++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return Math.min(...times);
}

// Eight times the text: quadratic would be 64 times the work. A query itself takes some milliseconds.
const GROWTH = 8;
const MOST = { growth: 3 * GROWTH, ms: 20 };

describe.each([
  { where: "cpu", run: runOnCpu, length: 20_000 },
  { where: "reference", run: runOnReference, length: 1000 },
])("$where", ({ run, length }) => {
  describe.each(OPERATIONS)("%s", (operation) => {
    test.each(EVIL)("%s", async (pattern, unit) => {
      const [short, long] = [unit.repeat(length), unit.repeat(GROWTH * length)];
      await run(operation, pattern, short); // compiled
      const shortMs = await msOf(() => run(operation, pattern, short));
      const longMs = await msOf(() => run(operation, pattern, long));
      expect(longMs).toBeLessThan(MOST.growth * shortMs + MOST.ms);
    });
  });
});
