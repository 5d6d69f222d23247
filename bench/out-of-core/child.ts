// One query under one budget, in a process of its own, so that its peak of memory is its own. Prints a line of JSON. With
// `--count` rows are counted and nothing else is done with them, as in DuckDB's runs.
import { createHash, type Hash } from "node:crypto";
import { performance } from "node:perf_hooks";
import gpuDataFrame, { type Table } from "gpudataframe";
import { inputOf, queryOf } from "./queries.ts";

const parameters = process.argv.slice(2).filter((parameter) => parameter !== "--count");
const countsOnly = process.argv.includes("--count");
const [name, budget, ...files] = parameters;
const query = queryOf(name);

await using session = await gpuDataFrame.session({
  engine: "cpu",
  ...(budget === "none" ? {} : { hostMemory: budget }),
});
// The runtime's own share: everything that a query of this engine loads, on a few rows.
const small = gpuDataFrame.fromColumns({ key: [1, 2], few: [1, 1], value: [0.5, 1.5] });
await small.groupBy("few").agg({ value: "sum" }).join(small, { on: "few" }).sort("key").compute();
globalThis.gc?.();
const baseline = process.memoryUsage.rss();

let peak = baseline;
let spilled = 0;
const timer = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
  spilled = Math.max(spilled, ...session.memory().map((use) => use.spilled));
}, 5);
const startedAt = performance.now();
const hashes = new Map<string, Hash>();
let rowCount = 0;
for await (const table of (await query.of(inputOf(files), session)).stream()) {
  rowCount += table.numRows;
  if (!countsOnly) digest(table);
}
const ms = performance.now() - startedAt;
clearInterval(timer);
const bits = [...hashes].map(([column, hash]) => `${column} ${hash.digest("hex")}`).join();
console.log(JSON.stringify({ rowCount, ms, baseline, peak, spilled, bits }));

/** Column by column, so that it does not depend on where the stream is cut. The columns have no nulls. */
function digest(table: Table): void {
  for (const column of table.columnNames) {
    const { values } = table.column(column);
    const hash = hashes.get(column) ?? createHash("sha256");
    hashes.set(column, hash);
    if (ArrayBuffer.isView(values)) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
}
