// Run as a process of its own: queries whose kernels allocate and free much, then small ones of a session with the memory that
// the argument says. Prints what could still be given back to the system then.

import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { loadAddon } from "../../../src/device/cpu/index.ts";
import { col, Session } from "../../../src/index.ts";

const ROWS = 2 ** 20;

const addon = loadAddon({ isa: undefined });
if (!addon.ok) throw new Error("the addon is not built");
const { native } = addon;

/** What a trim gives back, in bytes. */
async function retained(): Promise<number> {
  const before = anonymousBytes();
  await native.trimMemory();
  return before - anonymousBytes();
}

function anonymousBytes(): number {
  globalThis.gc?.();
  const [, resident = 0, shared = 0] = readFileSync("/proc/self/statm", "utf8")
    .split(" ")
    .map(Number);
  return (resident - shared) * 4096;
}

const scattered = (row: number) => BigInt((Math.imul(row, 0x9e3779b1) >>> 0) % (ROWS / 2));
const k = BigInt64Array.from({ length: ROWS }, (_, row) => scattered(row));
const session = new Session({ engine: "cpu", threads: 2, hostMemory: "8GiB" });
const frame = session.fromColumns({ k, w: Float64Array.from(k, Number) });
for (let round = 0; round < 2; round++) {
  await frame
    .groupBy("k")
    .agg({ n: col("w").nUnique(), median: col("w").median() })
    .compute();
  await frame.join(frame.limit(ROWS / 2), { on: "k" }).compute();
  await frame.distinct(["k"]).compute();
}
for (let turn = 0; turn < 5; turn++) {
  globalThis.gc?.();
  await wait(10);
}

const small = new Session({ engine: "cpu", hostMemory: process.argv[2] ?? "" });
for (let job = 0; job < 3; job++) {
  await small
    .fromColumns({ k: [3, 1, 2] })
    .sort("k")
    .compute();
  // Memory is looked at once in 20 ms.
  await wait(30);
}
console.log(await retained());
await small.close();
await session.close();
