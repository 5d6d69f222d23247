// A process of its own that runs one query, the first one, and prints how long the longest turns of the event loop were.

import gpuDataFrame, { col, count } from "../../src/index.ts";
import { probeEventLoop } from "./probe.ts";

const rows = Array.from({ length: 1000 }, (_, i) => i);
const frame = gpuDataFrame.fromColumns({
  key: rows.map((i) => `key ${i % 7}`),
  x: rows.map((i) => 0.5 * i),
  y: rows,
});
const query = frame
  .filter(col("y").gt(3))
  .groupBy("key")
  .agg({ n: count(), sum: col("x").sum() })
  .sort("key");
const { turns } = await probeEventLoop(() => query.compute({ engine: "cpu" }));
console.log(JSON.stringify(turns.map(({ ms }) => ms)));
