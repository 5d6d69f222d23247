// The device tier: which partitions have a copy on a GPU, in which order they were used, and the way down to the host.

import { MemoryBudgetError, nextTurn } from "../../base/index.ts";
import type { Executor } from "../../device/index.ts";
import { PAUSE, TARGET } from "./budget.ts";

/** A partition with a copy on a device. */
export interface Evictable {
  readonly isPinned: boolean;
  /** Leaves the device, for the host if that has no copy, unless somebody pins it meanwhile. */
  evict(executor: Executor, host: Executor): Promise<void>;
}

/** An input of a task. */
interface Pinnable {
  pin(): void;
  unpin(): void;
}

export class DeviceMemory {
  readonly executor: Executor;
  /** Bytes, least recently used first. */
  readonly #resident = new Map<Evictable, number>();
  #evictedBytes = 0;
  /** Runs that do not wait for another one's end. */
  #active = 0;
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

  /**
   * Runs a task whose inputs are pinned once. Where it finds no room, everything that nobody reads leaves, and it runs again;
   * where other tasks read what is there, behind the end of one of them.
   * @throws MemoryBudgetError where there is no room although no other task goes on.
   */
  async during<T>(run: () => Promise<T>, inputs: readonly Pinnable[], host: Executor): Promise<T> {
    this.#active += 1;
    try {
      for (;;) {
        try {
          return await run();
        } catch (error) {
          if (!(error instanceof MemoryBudgetError)) throw error;
          if (!(await this.#hasMadeRoom(inputs, host))) throw error;
        }
      }
    } finally {
      this.#active -= 1;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    }
  }

  async #hasMadeRoom(inputs: readonly Pinnable[], host: Executor): Promise<boolean> {
    if (await this.#clear(host)) return true;
    // Others may have begun to wait meanwhile.
    if (this.#active === 1) return await this.#clear(host);
    await this.#anotherEnds(inputs);
    return true;
  }

  /**
   * Whoever waits lets go of its inputs: of tasks that each need what the others have, none would ever go on. One task at
   * least does not wait, and takes what it needs.
   */
  async #anotherEnds(inputs: readonly Pinnable[]): Promise<void> {
    for (const input of inputs) input.unpin();
    this.#active -= 1;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
    // The other one's inputs are let go of behind its end.
    await nextTurn();
    for (const input of inputs) input.pin();
  }

  /** Before a task that will take so many bytes: what was not used for longest leaves, down to the target. */
  async makeRoom(bytes: number, host: Executor): Promise<void> {
    const { memory } = this.executor;
    if (memory === undefined || memory.usedBytes + bytes <= PAUSE * memory.budget) return;
    await this.#evictWhile(() => memory.usedBytes + bytes > TARGET * memory.budget, host);
  }

  /** Everything that is not pinned leaves. False: there was nothing. */
  async #clear(host: Executor): Promise<boolean> {
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
