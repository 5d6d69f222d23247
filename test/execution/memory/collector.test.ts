// JavaScript's own heap beside a budget: it is collected when it has grown, whatever V8 would let wait.

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { collectGarbage, HeapWatch, mayCollect } from "../../../src/execution/memory/collector.ts";
import { probeEventLoop, type Turn } from "../../event_loop/probe.ts";

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

test("collecting is divided: other work goes on before it has ended", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const living = Array.from({ length: 1_000_000 }, (_, index) => ({ index, next: { index } }));
  const longest = async (work: () => Promise<unknown>) => {
    const { turns } = await probeEventLoop(work);
    return (turns[0] as Turn).ms;
  };
  let atOnce = 0;
  let inSteps = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const dead = new WeakRef(new Array(1000).fill(run));
    // A reference that was just made keeps what it names until the turn ends.
    await new Promise((resolve) => setImmediate(resolve));
    inSteps = Math.min(inSteps, await longest(() => collectGarbage(() => false)));
    expect(dead.deref()).toBeUndefined();
    atOnce = Math.max(atOnce, await longest(async () => gc()));
  }
  expect(inSteps).toBeLessThan(atOnce / 3);
  expect(living).toHaveLength(1_000_000);
});
