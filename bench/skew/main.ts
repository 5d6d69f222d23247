// npm run bench -- skew: rows per second over the number of groups, from one to every row its own, and over shapes of keys
// that are uneven; on each executor. Exits with 1 where a step between neighbours is worse than 1.5.
import { parseArgs } from "node:util";
import gpuDataFrame, { col, count } from "gpudataframe";
import { thisMachine } from "../machine.ts";
import { encode, encodings, evenKeys, shapes, valuesOf } from "./data.ts";
import { type Executor, measure, type Query } from "./measure.ts";

const usage = `npm run bench -- skew [options]

  --devices cpu,gpu:0,reference
                       default: the CPU and every adapter
  --rows 2e6           rows on the CPU and on GPUs (default 2e6); never more groups than rows
  --software-rows 1e5  on software adapters
  --reference-rows 2e4 on the reference executor
  --groups 1e3         the least number of groups (default 1)
  --only sweep         or shapes (default: both)
  --patience 5         runs after which nothing better is expected; the least cost of all counts`;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    devices: { type: "string" },
    rows: { type: "string", default: "2e6" },
    "software-rows": { type: "string", default: "1e5" },
    "reference-rows": { type: "string", default: "2e4" },
    groups: { type: "string", default: "1" },
    only: { type: "string" },
    patience: { type: "string", default: "5" },
    help: { type: "boolean", default: false },
  },
});

/** Neighbours cost at most this much more or less a row. */
const worstStep = 1.5;

/** So many counts are measured in turns; the last of them again with the next ones. */
const countsInTurns = 5;

/** Powers of two with one between any two, and both sides of where a byte, a table or a tier may end; then 1e7. */
const groupCounts = [
  ...Array.from({ length: 23 }, (_, bits) => [2 ** (bits + 1), 3 * 2 ** bits]).flat(),
  1,
  127,
  129,
  255,
  257,
  511,
  513,
  4095,
  4097,
  65_535,
  65_537,
  1e7,
].sort((a, b) => a - b);

const groupBy: Query = {
  name: "group-by",
  of: (facts) =>
    facts.groupBy("key").agg({ n: count(), sum: col("value").sum(), most: col("value").max() }),
  rowsOf: ({ distinct }) => distinct.length,
};

const queries: readonly Query[] = [
  groupBy,
  {
    name: "join",
    of: (facts, names) => facts.join(names, { on: "key" }),
    rowsOf: ({ values: { length } }) => length,
  },
  {
    name: "sort",
    of: (facts) => facts.sort("key"),
    rowsOf: ({ values: { length } }) => length,
  },
  {
    name: "distinct",
    of: (facts) => facts.select("key").distinct(),
    rowsOf: ({ distinct }) => distinct.length,
  },
];

if (values.help) console.log(usage);
else await runBenchmark();

async function runBenchmark(): Promise<void> {
  const { processor, cores, memoryGiB, node } = thisMachine();
  console.log(`${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}`);
  for await (const executor of executors()) {
    const unit = executor.clock === "wall" ? "ns" : "ns of processor time";
    console.log(`\n${executor.name}, ${executor.rowCount} rows, ${unit} a row`);
    if (values.only !== "shapes") await sweep(executor);
    if (values.only !== "sweep") await runShapes(executor);
    await executor.session.close();
  }
}

async function* executors(): AsyncGenerator<Executor> {
  const devices = values.devices === "cpu" ? [] : await gpuDataFrame.devices();
  const gpus = devices.filter(({ kind }) => kind === "gpu");
  const names = values.devices?.split(",") ?? ["cpu", ...gpus.map(({ id }) => id)];
  for (const name of names) {
    const gpu = gpus.find(({ id }) => id === name);
    const rows = name === "reference" ? "reference-rows" : gpu?.software ? "software-rows" : "rows";
    const rowCount = Number(values[rows]);
    yield {
      name: gpu === undefined ? name : `${name} (${gpu.name})`,
      session: await gpuDataFrame.session(
        name === "cpu" || name === "reference"
          ? { engine: name }
          : { engine: "gpu", devices: [name] },
      ),
      clock: gpu === undefined || gpu.software ? "processor" : "wall",
      rowCount,
      values: valuesOf(rowCount),
    };
  }
}

async function sweep(executor: Executor): Promise<void> {
  const { rowCount } = executor;
  const counts = groupCounts.filter((count) => count <= rowCount && count >= Number(values.groups));
  for (const encoding of encodings) {
    console.log(`  group-by, ${encoding} keys`);
    for (let first = 0; first + 1 < counts.length; first += countsInTurns - 1) {
      const some = counts.slice(first, first + countsInTurns);
      const keys = some.map((groups) => encode(evenKeys(rowCount, groups), encoding));
      const costs = await measure(executor, groupBy, keys, Number(values.patience));
      for (const [index, cost] of costs.entries()) {
        if (index > 0 || first === 0) printStep(some[index]!, cost, costs[index - 1] ?? cost);
      }
    }
  }
}

function printStep(groups: number, cost: number, before: number): void {
  const cliff = isCliff(before, cost);
  if (cliff) process.exitCode = 1;
  const columns = [String(groups).padStart(10), cost.toFixed(1).padStart(8)];
  console.log(
    `${columns.join(" groups ")}  x ${(cost / before).toFixed(2)}${cliff ? "  CLIFF" : ""}`,
  );
}

/** Either way: where more groups cost much less a row, what comes before is a cliff. */
function isCliff(before: number, after: number): boolean {
  return Math.max(before / after, after / before) > worstStep;
}

async function runShapes(executor: Executor): Promise<void> {
  for (const encoding of encodings) {
    for (const query of queries) {
      console.log(`  ${query.name}, ${encoding} keys`);
      const keys = Object.values(shapes).map((keysOf) =>
        encode(keysOf(executor.rowCount), encoding),
      );
      const costs = await measure(executor, query, keys, Number(values.patience));
      for (const [index, shape] of Object.keys(shapes).entries()) {
        console.log(`  ${shape.padStart(28)} ${costs[index]!.toFixed(1).padStart(8)}`);
      }
    }
  }
}
