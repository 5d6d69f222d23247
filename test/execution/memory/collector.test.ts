// JavaScript's own heap beside a budget: it is collected when it has grown, whatever V8 would let wait.

import { getHeapStatistics } from "node:v8";
import { expect, test, vi } from "vitest";
import { HeapWatch, mayCollect } from "../../../src/execution/memory/collector.ts";

const MIB = 2 ** 20;
const used = () => getHeapStatistics().used_heap_size;

/** So many MiB of numbers. */
const objects = (mebibytes: number) =>
  Array.from({ length: mebibytes }, (_, index) => new Array<number>(MIB / 8).fill(index + 0.5));

test("a heap that has grown is collected, down to what lives", async () => {
  const watch = new HeapWatch(0);
  const living = objects(20);
  let dead = objects(100);
  const full = used();
  dead = [];
  // Not more than a share of the time is spent on it.
  await vi.waitFor(() => expect(mayCollect()).toBe(true), { timeout: 60_000 });
  await watch.keepSmall();
  expect(used()).toBeLessThan(full - 60 * MIB);
  expect([living.length, dead.length]).toEqual([20, 0]);
});
