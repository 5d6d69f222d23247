// The device tier: which partitions have a copy on a GPU, in which order they were used, and the way down to the host.

import type { Executor } from "../../device/index.ts";
import { PAUSE, TARGET } from "./budget.ts";

/** A partition with a copy on a device. */
export interface Evictable {
  readonly isPinned: boolean;
  /** Leaves the device, for the host if that has no copy, unless somebody pins it meanwhile. */
  evict(executor: Executor, host: Executor): Promise<void>;
}

export class DeviceMemory {
  readonly executor: Executor;
  /** Bytes, least recently used first. */
  readonly #resident = new Map<Evictable, number>();
  #evictedBytes = 0;
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(executor: Executor) {
    this.executor = executor;
  }

  get pinnedBytes(): number {
    let sum = 0;
    for (const [partition, bytes] of this.#resident) if (partition.isPinned) sum += bytes;
    return sum;
  }

  /** Of partitions that left for want of room and have not come back. */
  get evictedBytes(): number {
    return this.#evictedBytes;
  }

  add(partition: Evictable, bytes: number): void {
    this.#resident.set(partition, bytes);
  }

  remove(partition: Evictable): void {
    this.#resident.delete(partition);
  }

  touch(partition: Evictable): void {
    const bytes = this.#resident.get(partition);
    if (bytes === undefined) return;
    this.#resident.delete(partition);
    this.#resident.set(partition, bytes);
  }

  evicted(bytes: number): void {
    this.#evictedBytes += bytes;
  }

  /** Counts `run` among those that hold memory of the device until they end. */
  async during<T>(run: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await run();
    } finally {
      this.#running -= 1;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    }
  }

  /** Once a run has ended. False: there is none. */
  async anotherEnds(): Promise<boolean> {
    if (this.#running === 0) return false;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return true;
  }

  /** Before a task that will take so many bytes: what was not used for longest leaves, down to the target. */
  async makeRoom(bytes: number, host: Executor): Promise<void> {
    const { memory } = this.executor;
    if (memory === undefined || memory.usedBytes + bytes <= PAUSE * memory.budget) return;
    await this.#evictWhile(() => memory.usedBytes + bytes > TARGET * memory.budget, host);
  }

  /** Everything that is not pinned leaves. False: there was nothing. */
  async clear(host: Executor): Promise<boolean> {
    return await this.#evictWhile(() => true, host);
  }

  async #evictWhile(isOver: () => boolean, host: Executor): Promise<boolean> {
    let hasLeft = false;
    for (const partition of Array.from(this.#resident.keys())) {
      if (!isOver()) break;
      if (partition.isPinned || !this.#resident.has(partition)) continue;
      await partition.evict(this.executor, host);
      hasLeft ||= !this.#resident.has(partition);
    }
    return hasLeft;
  }
}
