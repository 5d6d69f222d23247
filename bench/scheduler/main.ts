// npm run bench -- scheduler: the same queries on one device, on two, and on two and the CPU; in memory, under a budget
// that makes partitions spill, and with a device lost midway. Times, bytes, tasks by device, and whether the bits agree.
import { parseArgs } from "node:util";
import gpuDataFrame from "gpudataframe";
import { thisMachine } from "../machine.ts";
import { configurationsOf } from "./configurations.ts";
import { measure } from "./measure.ts";
import { queries } from "./queries.ts";
import { reportText } from "./report.ts";

const usage = `npm run bench -- scheduler [options]

  --rows 2e5     rows of the larger table (default 2e5: software adapters need seconds for more)
  --runs 3       timed runs of each query, after one that is not timed
  --budget 4MiB  host memory of the configurations that spill`;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rows: { type: "string", default: "2e5" },
    runs: { type: "string", default: "3" },
    budget: { type: "string", default: "4MiB" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else await runBenchmark(Number(values.rows), Number(values.runs), values.budget);

async function runBenchmark(rowCount: number, runs: number, budget: string): Promise<void> {
  const devices = await gpuDataFrame.devices();
  const configurations = configurationsOf(devices, budget);
  const { processor, cores, memoryGiB, node } = thisMachine();
  console.log(
    `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}; ${rowCount} rows, medians of ${runs}`,
  );
  for (const { id, name, software } of devices) {
    console.log(
      `  ${id}: ${name}${software ? " (a software adapter: its times say nothing of a GPU)" : ""}`,
    );
  }
  for (const query of queries) {
    const rows = await measure(query, configurations, rowCount, runs);
    console.log(`\n${query.label}\n${reportText(rows)}`);
    if (rows.some(({ agrees }) => !agrees)) process.exitCode = 1;
  }
}
