// The accountant alone: who goes to disk, who waits, who fails, and that nobody waits for ever.

import { describe, expect, test } from "vitest";
import { MemoryBudgetError } from "../../../src/base/index.ts";
import type { Batch } from "../../../src/column/index.ts";
import { INT8 } from "../../../src/dtype/index.ts";
import { disown } from "../../../src/execution/memory/buffer_ledger.ts";
import { HostMemory, type Spillable } from "../../../src/execution/memory/host_memory.ts";
import type { SpilledBatch, SpillStore } from "../../../src/execution/memory/spill_store.ts";

/** Takes a while, and does not take what it is told not to. */
class Disk {
  readonly refused = new Map<Batch, Error>();
  /** Batches that were written together. */
  readonly groups: number[] = [];

  async write(batches: readonly Batch[]): Promise<readonly SpilledBatch[]> {
    this.groups.push(batches.length);
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const batch of batches) {
      const error = this.refused.get(batch);
      if (error !== undefined) throw error;
    }
    return batches.map(() => ({}) as SpilledBatch);
  }
}

const disk = new Disk();

function batchOver(...arrays: readonly Int8Array[]): Batch {
  const columns = arrays.map((values) => ({
    dtype: INT8,
    length: values.length,
    nullCount: 0,
    validity: null,
    data: { encoding: "fixed", values } as const,
    statistics: null,
  }));
  return { rowCount: arrays[0]?.length ?? 0, columns };
}

/** Bytes that go to disk when they are told to, or fail to. */
class Bytes implements Spillable {
  isPinned = false;
  spills = 0;
  readonly byteLength: number;
  readonly #memory: HostMemory;
  readonly #batch: Batch;

  constructor(memory: HostMemory, batch: Batch | number, error: Error | null = null) {
    this.#memory = memory;
    this.#batch = typeof batch === "number" ? batchOver(new Int8Array(batch)) : batch;
    this.byteLength = this.#batch.columns[0]?.length ?? 0;
    if (error !== null) disk.refused.set(this.#batch, error);
    memory.add(this, this.#batch);
  }

  leave(): Batch {
    this.spills += 1;
    return this.#batch;
  }

  async left(written: SpilledBatch | null): Promise<void> {
    if (written !== null && !this.isPinned) this.#memory.remove(this);
  }
}

const memoryOf = (budget: number) => new HostMemory(budget, disk as unknown as SpillStore);

describe("counting", () => {
  test("every buffer once, and none of a caller's", () => {
    const memory = memoryOf(1e9);
    const [shared, own, foreign] = [new Int8Array(100), new Int8Array(10), new Int8Array(1000)];
    disown(batchOver(foreign));
    const a = new Bytes(memory, batchOver(shared, own, own));
    const b = new Bytes(memory, batchOver(shared.subarray(20), foreign));
    expect(memory.usedBytes).toBe(110);
    expect(memory.bytesOf([a, b])).toBe(110);
    memory.remove(a);
    expect(memory.usedBytes).toBe(100);
    memory.remove(b);
    expect(memory.usedBytes).toBe(0);
  });

  test("a buffer that becomes a caller's is counted until those who had it let go of it", () => {
    const memory = memoryOf(1e9);
    const buffer = new Int8Array(100);
    const before = new Bytes(memory, batchOver(buffer));
    disown(batchOver(buffer));
    const after = new Bytes(memory, batchOver(buffer));
    memory.remove(after);
    expect(memory.usedBytes).toBe(100);
    memory.remove(before);
    expect(memory.usedBytes).toBe(0);
  });
});

describe("spilling", () => {
  test("the least recently used that nobody reads go, down to 0.60", async () => {
    const memory = memoryOf(100);
    const parts = Array.from({ length: 5 }, () => new Bytes(memory, 12));
    expect(memory.isPressed).toBe(false);
    const [oldest, pinned, touched, next] = parts as [Bytes, Bytes, Bytes, Bytes];
    pinned.isPinned = true;
    memory.touch(oldest);
    memory.touch(touched);
    new Bytes(memory, 12);
    await memory.settle();
    expect(parts.map(({ spills }) => spills)).toEqual([0, 0, 0, 1, 0]);
    expect(next.spills).toBe(1);
    expect(memory.usedBytes).toBe(60);
  });

  test("small ones go together, in the order of use, up to a thirty-second of the budget", async () => {
    const memory = memoryOf(6400);
    disk.groups.length = 0;
    const parts = Array.from({ length: 106 }, () => new Bytes(memory, 40));
    await memory.settle();
    expect(Math.max(...disk.groups)).toBe(5);
    expect(memory.usedBytes).toBeLessThanOrEqual(0.6 * 6400);
    const left = parts.map(({ spills }) => spills);
    expect(left).toEqual(left.toSorted((a, b) => b - a));
    const large = new Bytes(memory, 1000);
    const next = new Bytes(memory, 1000);
    await memory.settle();
    expect(memory.usedBytes).toBeLessThanOrEqual(0.6 * 6400);
    expect([large.spills, next.spills]).toEqual([0, 0]);
  });

  test("of a group that cannot be written everything stays", async () => {
    const memory = memoryOf(6400);
    new Bytes(memory, 40);
    const refused = new Bytes(memory, 40, new Error("ENOSPC"));
    const large = new Bytes(memory, 3800);
    await memory.settle();
    expect([refused.spills, large.spills]).toEqual([1, 0]);
    expect(memory.usedBytes).toBe(3880);
  });

  test("what is reserved needs room, too", async () => {
    const memory = memoryOf(100);
    const part = new Bytes(memory, 50);
    expect(memory.reserve(30)).not.toBeNull();
    await memory.settle();
    expect(part.spills).toBe(1);
  });
});

describe("admission", () => {
  const roomOf = (memory: HostMemory) => new Promise<void>((resolve) => memory.whenRoom(resolve));

  test("above 0.80 tasks wait until another one ends", async () => {
    const memory = memoryOf(100);
    const first = memory.reserve(50);
    expect(memory.reserve(40)).toBeNull();
    const room = roomOf(memory);
    expect(memory.reserve(30)).not.toBeNull();
    first?.release();
    await room;
    expect(memory.reserve(40)).not.toBeNull();
  });

  test("one task starts, however large it is expected to be", () => {
    const memory = memoryOf(100);
    const claim = memory.reserve(1e6);
    expect(claim).not.toBeNull();
    expect(memory.reserve(1)).toBeNull();
    claim?.arrived(1e6);
    expect(memory.reserve(1)).not.toBeNull();
  });

  test("a task waits for what is on its way to disk, and starts where it cannot go", async () => {
    const memory = memoryOf(100);
    const fails = new Bytes(memory, 55, new Error("ENOSPC"));
    expect(memory.reserve(30)).toBeNull();
    await roomOf(memory);
    expect(fails.spills).toBe(1);
    expect(memory.reserve(30)).not.toBeNull();
  });

  test("fails above 0.95, and where the disk takes nothing", async () => {
    const memory = memoryOf(100);
    const error = new Error("ENOSPC");
    const large = new Bytes(memory, 96, error);
    expect(() => memory.requireRoom([large], "sort", "do less")).toThrow(/sort must hold 96 B/);
    const small = { byteLength: 10, isPinned: false, leave: () => null, left: async () => {} };
    memory.requireRoom([], "scan", "");
    await memory.settle();
    let caught: unknown;
    try {
      memory.requireRoom([small], "sort", "");
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBeInstanceOf(MemoryBudgetError);
    expect((caught as MemoryBudgetError).cause).toBe(error);
    memory.remove(large);
    memory.requireRoom([small], "sort", "");
  });
});
