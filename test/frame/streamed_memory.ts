// Run as a process of its own: how much its peak of memory grows as a file streams through, and as all of it is computed.
// Prints { streamed, written, computed }, each in bytes over the peak before.

import { readFileSync } from "node:fs";
import { col, Session } from "../../src/index.ts";

const [warmup = "", input = "", output = ""] = process.argv.slice(2);
const session = new Session({ engine: "cpu", partitionBytes: "512KiB", hostMemory: "24MiB" });
const whole = new Session({ engine: "cpu" });
const frameOf = async (path: string, from = session) =>
  (await from.readCsv(path)).filter(col("a").ge(10)).withColumns({ y: col("b").mul(2) });
const drain = async (path: string) => {
  for await (const _ of (await frameOf(path)).stream());
};
/** Not of getrusage: a process begins with what the one that started it had by then. */
const peak = () =>
  Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1]) * 1024;
const growth = async (work: () => Promise<unknown>) => {
  const before = peak();
  await work();
  return peak() - before;
};

// Code, compiled and linked, and the collector's spaces at the size that streams need.
for (let round = 0; round < 2; round++) await drain(warmup);
await (await frameOf(warmup)).writeArrow(output);
const streamed = await growth(() => drain(input));
const written = await growth(async () => await (await frameOf(input)).writeArrow(output));
const computed = await growth(async () => await (await frameOf(input, whole)).compute());
console.log(JSON.stringify({ streamed, written, computed }));
await session.close();
await whole.close();
