// npm run bench -- out-of-core: queries over more data than the budget, beside the same queries without one. Each runs in a
// process of its own: peak memory beyond what the process takes anyway, what was on disk, times, and whether the bits agree.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseByteSize } from "../../src/base/index.ts";
import { thisMachine } from "../machine.ts";
import { writeFiles } from "./files.ts";
import { LEFT_ROW_BYTES, queries } from "./queries.ts";

const usage = `npm run bench -- out-of-core [options]

  --rows 1e7        rows of each file (default 1e6), rounded up to a power of two
  --budget 256MiB   host memory (default 64MiB)
  --queries a,b     ${Object.keys(queries).join(", ")} (default: all)`;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rows: { type: "string", default: "1e6" },
    budget: { type: "string", default: "64MiB" },
    queries: { type: "string", default: Object.keys(queries).join() },
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
  for (const name of names) {
    const run = (limit: string) => outcomeOf([name, limit, left, right, String(copies)]);
    const outcomes = { none: run("none"), [budget]: run(budget) };
    console.log(`\n${queries[name]?.label ?? name}`);
    for (const [limit, outcome] of Object.entries(outcomes)) {
      const agrees =
        outcome.bits === outcomes.none.bits && outcome.rowCount === outcomes.none.rowCount;
      console.log(`  ${lineOf(limit, outcome)}, ${agrees ? "same bits" : "OTHER BITS"}`);
      if (!agrees) process.exitCode = 1;
    }
  }
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

function outcomeOf(parameters: readonly string[]): Outcome {
  const child = fileURLToPath(new URL("child.ts", import.meta.url));
  const text = execFileSync(
    process.execPath,
    ["--expose-gc", "--import", "tsx", child, ...parameters],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 26 },
  );
  return JSON.parse(text) as Outcome;
}
