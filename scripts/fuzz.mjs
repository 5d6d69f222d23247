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
const runs = process.env.GPUDATAFRAME_FUZZ_RUNS ?? "1000";
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

/** How many cases held, by property and in all, and how often they were compared, by executor. */
function printCounts() {
  if (!existsSync(countsPath)) return;
  const lines = readFileSync(countsPath, "utf8").split("\n").filter(Boolean);
  rmSync(countsPath);
  const passed = new Map();
  const comparisons = new Map();
  const add = (map, name, more) => map.set(name, (map.get(name) ?? 0) + more);
  for (const { property, cases, compared } of lines.map((line) => JSON.parse(line))) {
    add(passed, property, cases);
    for (const [name, count] of Object.entries(compared)) {
      add(comparisons, property === "optimizer" ? "the optimizer's rules" : name, count);
    }
  }
  const print = (count, text) => console.log(`${String(count).padStart(9)} ${text}`);
  for (const [name, count] of passed) print(count, `cases: ${name}`);
  for (const [name, count] of comparisons) print(count, `comparisons on ${name}`);
  const total = (map) => [...map.values()].reduce((sum, count) => sum + count, 0);
  print(total(passed), `random cases passed in all, in ${total(comparisons)} comparisons`);
}
