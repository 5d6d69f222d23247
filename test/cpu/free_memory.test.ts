import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FreeMemory } from "../../src/device/cpu/free_memory.ts";
import type { NativeAddon } from "../../src/device/cpu/native_addon.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

interface Limits {
  readonly pages: number;
  readonly retained: number | null;
}

let limits: Limits = { pages: -1, retained: -1 };
let memory: FreeMemory;

beforeEach(() => {
  vi.useFakeTimers();
  const native: Pick<NativeAddon, "limitFreeMemory"> = {
    limitFreeMemory(pages, retained) {
      limits = { pages, retained };
      return undefined;
    },
  };
  memory = FreeMemory.of(native as NativeAddon);
});

afterEach(() => void vi.useRealTimers());

test("while there is work a sixteenth of the memory may wait, and 64 MiB when it has rested", async () => {
  memory.limitTo(16 * GIB);
  expect(limits).toEqual({ pages: 64 * MIB, retained: GIB });
  await memory.during(async () => expect(limits.pages).toBe(GIB));
  vi.advanceTimersByTime(5000);
  expect(limits.pages).toBe(GIB);
  vi.advanceTimersByTime(5000);
  expect(limits).toEqual({ pages: 64 * MIB, retained: GIB });
  expect(vi.getTimerCount()).toBe(0);
});

test("work that takes long is no rest", async () => {
  memory.limitTo(16 * GIB);
  let end = () => {};
  const done = memory.during(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  vi.advanceTimersByTime(60_000);
  expect(limits.pages).toBe(GIB);
  end();
  await done;
  vi.advanceTimersByTime(10_000);
  expect(limits.pages).toBe(64 * MIB);
});

test("work after a rest may keep as much again, and so may work that failed", async () => {
  memory.limitTo(16 * GIB);
  const failed = memory.during(() => Promise.reject(new Error("no")));
  await expect(failed).rejects.toThrow("no");
  vi.advanceTimersByTime(10_000);
  expect(limits.pages).toBe(64 * MIB);
  await memory.during(async () => {});
  expect(limits.pages).toBe(GIB);
});

test("the executor with the least memory says how much, until it is closed", async () => {
  memory.limitTo(16 * GIB);
  const forget = memory.limitTo(256 * MIB);
  expect(limits).toEqual({ pages: 16 * MIB, retained: 16 * MIB });
  await memory.during(async () => expect(limits.pages).toBe(16 * MIB));
  forget();
  expect(limits.pages).toBe(GIB);
});

test("without executors little waits, and malloc keeps what it likes", () => {
  memory.limitTo(16 * GIB)();
  expect(limits).toEqual({ pages: 64 * MIB, retained: null });
});
