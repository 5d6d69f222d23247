// Run as a process of its own: how much its peak of memory grows as many files stream through after one, as some are
// written, and as a compressed file streams through. Prints { streamed, written, unpacked }, each in bytes over the peak
// before.

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { col, Session } from "../../src/index.ts";

const [input = "", copies = "", packed = "", output = ""] = process.argv.slice(2);
const session = new Session({
  engine: "cpu",
  partitionBytes: "512KiB",
  hostMemory: "24MiB",
  spillDirectory: dirname(output),
});
const frameOf = async (count: number, path = input) =>
  (await session.readCsv(Array.from({ length: count }, () => path)))
    .filter(col("a").ge(10))
    .withColumns({ y: col("b").mul(2) });
const drain = async (count: number, path = input) => {
  for await (const _ of (await frameOf(count, path)).stream());
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
await (await frameOf(1)).writeArrow(output);
for (let round = 0; round < 2; round++) await drain(2);
const streamed = await growth(() => drain(Number(copies)));
const written = await growth(async () => await (await frameOf(2)).writeArrow(output));
const unpacked = await growth(() => drain(1, packed));
console.log(JSON.stringify({ streamed, written, unpacked }));
await session.close();
