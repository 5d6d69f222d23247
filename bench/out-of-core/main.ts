// npm run bench -- out-of-core: queries over more data than the budget, beside the same queries without one. Each runs in a
// process of its own: peak memory beyond what the process takes anyway, what was on disk, times, and whether the bits agree.
// With --duckdb, DuckDB beside it: both count rows and do nothing else with them, in turns.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseByteSize } from "../../src/base/index.ts";
import { thisMachine } from "../machine.ts";
import { writeFiles } from "./files.ts";
import { argumentsOf, type Input, LEFT_ROW_BYTES, queries, queryOf } from "./queries.ts";

const usage = `npm run bench -- out-of-core [options]

  --rows 1e7        rows of each file (default 1e6), rounded up to a power of two
  --budget 256MiB   host memory (default 64MiB)
  --queries a,b     ${Object.keys(queries).join(", ")} (default: all)
  --duckdb          beside DuckDB, with as much memory for it: medians of --runs 3`;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rows: { type: "string", default: "1e6" },
    budget: { type: "string", default: "64MiB" },
    queries: { type: "string", default: Object.keys(queries).join() },
    duckdb: { type: "boolean", default: false },
    runs: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});

interface Outcome {
  readonly rowCount: number;
  readonly ms: number;
  readonly baseline: number;
  readonly peak: number;
  readonly spilled: number;
  readonly bits: string;
}

type Counted = { readonly rowCount: number; readonly ms: number } | { readonly failure: string };

if (values.help) console.log(usage);
else runBenchmark(Number(values.rows), values.budget, values.queries.split(","));

function runBenchmark(rows: number, budget: string, names: readonly string[]): void {
  const directory =
    process.env.GPUDATAFRAME_BENCH_DATA ??
    fileURLToPath(new URL("../../node_modules/.cache/gpudataframe/bench", import.meta.url));
  const { left, right, rowCount } = writeFiles(directory, rows);
  const { processor, cores, memoryGiB, node } = thisMachine();
  console.log(
    `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}; ${rowCount} rows a file`,
  );
  const copies = Math.ceil((20 * parseByteSize(budget, "budget")) / (rowCount * LEFT_ROW_BYTES));
  const input = { left, right, copies };
  for (const name of names) {
    const run = (limit: string) =>
      outcomeOf<Outcome>("child.ts", [name, limit, ...argumentsOf(input)]);
    const outcomes = { none: run("none"), [budget]: run(budget) };
    console.log(`\n${queryOf(name).label}`);
    for (const [limit, outcome] of Object.entries(outcomes)) {
      const agrees =
        outcome.bits === outcomes.none.bits && outcome.rowCount === outcomes.none.rowCount;
      console.log(`  ${lineOf(limit, outcome)}, ${agrees ? "same bits" : "OTHER BITS"}`);
      if (!agrees) process.exitCode = 1;
      if (values.duckdb) compareWithDuckDb(name, limit, input, outcome.rowCount);
    }
  }
}

function compareWithDuckDb(name: string, limit: string, input: Input, rowCount: number): void {
  const parameters = [name, limit, ...argumentsOf(input)];
  const own: Counted[] = [];
  const theirs: Counted[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    own.push(outcomeOf<Counted>("child.ts", [...parameters, "--count"]));
    theirs.push(outcomeOf<Counted>("duckdb_child.ts", parameters));
  }
  const words = [...own, ...theirs].every(
    (outcome) => "failure" in outcome || outcome.rowCount === rowCount,
  )
    ? ""
    : ", OTHER ROWS";
  if (words !== "") process.exitCode = 1;
  console.log(`    counted: ${countedText(own)}; DuckDB: ${countedText(theirs)}${words}`);
}

/** The median of the runs that ended, or what the first one that did not end says. */
function countedText(outcomes: readonly Counted[]): string {
  const times = outcomes.flatMap((outcome) => ("ms" in outcome ? [outcome.ms] : []));
  const failed = outcomes.find((outcome) => "failure" in outcome);
  const failure =
    failed === undefined ? "" : `${outcomes.length - times.length} failed: ${failed.failure}`;
  if (times.length === 0) return failure;
  times.sort((a, b) => a - b);
  const seconds = ((times[Math.floor(times.length / 2)] ?? 0) / 1000).toFixed(2);
  return failure === "" ? `${seconds} s` : `${seconds} s (${failure})`;
}

function lineOf(limit: string, { rowCount, ms, baseline, peak, spilled }: Outcome): string {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    `budget ${limit}`.padEnd(16),
    `${(ms / 1000).toFixed(2)} s`,
    `${rowCount} rows`,
    `peak ${mebibytes(peak - baseline)} above ${mebibytes(baseline)}`,
    `${mebibytes(spilled)} on disk`,
  ].join(", ");
}

function outcomeOf<Result>(script: string, parameters: readonly string[]): Result {
  const child = fileURLToPath(new URL(script, import.meta.url));
  const text = execFileSync(
    process.execPath,
    ["--expose-gc", "--import", "tsx", child, ...parameters],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 26 },
  );
  return JSON.parse(text) as Result;
}
