// What peak_memory.test.ts measures, in a process of its own: persists and reads ten times the budget, and prints what the
// process took at most beyond what it had taken after a small query of the same kind.

import gpuDataFrame, { type AnyDataFrame, col, count } from "../../../src/index.ts";

const MIB = 2 ** 20;
const budget = Number(process.argv[2]) * MIB;
const ROWS = 2 ** 19;

await using session = await gpuDataFrame.session({
  engine: "cpu",
  hostMemory: budget,
  spillDirectory: process.argv[3] ?? "",
});
const base = session.fromColumns({
  k: Int32Array.from({ length: ROWS }, (_, row) => row % 1000),
  x: Float64Array.from({ length: ROWS }, (_, row) => row / 3),
});

/** `number` times 10 MiB: 20 bytes a row. */
function copies(from: AnyDataFrame, number: number): AnyDataFrame {
  const parts = Array.from({ length: number }, (_, part) =>
    from.withColumns({ x: col("x").add(part), y: col("x").mul(part), k: col("k").add(part) }),
  );
  const [first, ...others] = parts as [AnyDataFrame, ...AnyDataFrame[]];
  return first.concat(...others);
}

let peak = 0;
let spilled = 0;

async function work(number: number): Promise<void> {
  await using warm = await copies(base, number).persist();
  spilled = Math.max(spilled, ...session.memory().map(({ spilled }) => spilled));
  await warm
    .filter(col("k").gt(10))
    .groupBy("k")
    .agg({ x: col("x").sum(), n: count() })
    .compute();
}

const timer = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 2);
await work(1);
peak = process.memoryUsage.rss();
const baseline = peak;
const before = process.cpuUsage();
await work(Math.ceil((10 * budget) / (20 * ROWS)));
clearInterval(timer);
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    baselineMiB: Math.round(baseline / MIB),
    growthMiB: Math.round((peak - baseline) / MIB),
    budgetMiB: budget / MIB,
    spilledMiB: Math.round(spilled / MIB),
    cpuMs: Math.round((user + system) / 1000),
  }),
);
