// JavaScript's own heap beside a budget: it is collected when it has grown, whatever V8 would let wait.

import { getHeapStatistics } from "node:v8";
import { expect, test, vi } from "vitest";
import { collectGarbage, HeapWatch, mayCollect } from "../../../src/execution/memory/collector.ts";

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

/** Turns; collecting all at once it takes less than ten, in which finalizers run. */
const ENOUGH = 20;

test("collecting is divided: the event loop turns before what is dead has been found", async () => {
  const living = Array.from({ length: 1_000_000 }, (_, index) => ({ index, next: { index } }));
  // The collector's own threads mark when they get a processor: of several runs, one has to do.
  let most = 0;
  for (let run = 0; run < 5 && most < ENOUGH; run++) {
    const dead = new WeakRef(new Array(1000).fill(run));
    // A reference that was just made keeps what it names until the turn ends.
    await nextTurn();
    let turns = 0;
    let isOver = false;
    const counting = (async () => {
      for (; !isOver; await nextTurn()) turns++;
    })();
    await collectGarbage(() => false);
    isOver = true;
    await counting;
    expect(dead.deref()).toBeUndefined();
    most = Math.max(most, turns);
  }
  expect(most).toBeGreaterThanOrEqual(ENOUGH);
  expect(living).toHaveLength(1_000_000);
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
