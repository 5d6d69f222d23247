// npm run fuzz -- --minutes 30: the random tests, round after round with a fresh, printed seed, until the time is over
// or a case fails. Other arguments go to vitest: npm run fuzz -- test/csv/fuzz.test.ts.

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

const RANDOM_TESTS = ["test/fuzz", "test/optimizer/metamorphic.test.ts", "test/csv/fuzz.test.ts"];
const args = process.argv.slice(2);
const minutesAt = args.indexOf("--minutes");
const [, minutesText] = minutesAt < 0 ? [] : args.splice(minutesAt, 2);
const minutes = minutesText === undefined ? null : Number(minutesText);
if (minutes !== null && !(minutes > 0)) {
  console.error(`--minutes: ${minutesText} is no number of minutes`);
  process.exit(2);
}

const firstSeed = Number(process.env.GPUDATAFRAME_SEED ?? Date.now() % 0x7fffffff);
const runs = process.env.GPUDATAFRAME_FUZZ_RUNS ?? (minutes === null ? "2000" : "200");
const deadline = performance.now() + (minutes ?? 0) * 60_000;
const countsPath = rootPath(`build/fuzz-counts-${process.pid}.jsonl`);
mkdirSync(rootPath("build"), { recursive: true });
let round = 0;
do {
  const seed = String((firstSeed + round) % 0x7fffffff);
  console.log(
    `round ${round + 1}: seed ${seed}, ${runs} runs a property; repeat with ` +
      `GPUDATAFRAME_SEED=${seed} GPUDATAFRAME_FUZZ_RUNS=${runs} npm run fuzz`,
  );
  const tests = args.length > 0 ? args : RANDOM_TESTS;
  process.exitCode = await exitCodeOf(
    process.execPath,
    [rootPath("scripts/test.mjs"), ...tests, "--testTimeout=3600000"],
    {
      env: {
        ...process.env,
        GPUDATAFRAME_SEED: seed,
        GPUDATAFRAME_FUZZ_RUNS: runs,
        GDF_FUZZ_COUNTS: countsPath,
      },
    },
  );
  round += 1;
} while (process.exitCode === 0 && performance.now() < deadline);
printCounts();
console.log(`${round} rounds of ${runs} runs a property, first seed ${firstSeed}`);

/** How many cases held, by property and in all. */
function printCounts() {
  if (!existsSync(countsPath)) return;
  const lines = readFileSync(countsPath, "utf8").split("\n").filter(Boolean);
  rmSync(countsPath);
  const passed = new Map();
  for (const { name, passed: more } of lines.map((line) => JSON.parse(line))) {
    passed.set(name, (passed.get(name) ?? 0) + more);
  }
  for (const [name, count] of passed) console.log(`${String(count).padStart(9)} cases: ${name}`);
  const total = [...passed.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${String(total).padStart(9)} random cases passed in all`);
}
