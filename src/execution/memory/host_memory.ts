// The host tier of a session: what it holds, in which order it was used, who is reading it, and what tasks have been
// promised. All queries of the session share it. README.md has the thresholds.

import { at, DataFrameError, formatByteSize, MemoryBudgetError } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import { FAIL, PAUSE, SPILL, TARGET } from "./budget.ts";
import { BufferLedger, countedMemory, type Held, heldBytes } from "./buffer_ledger.ts";
import { collectGarbage, HeapWatch, mayCollect } from "./collector.ts";
import { absentParts, type SpilledBatch, type SpillStore } from "./spill_store.ts";

/** Groups of partitions that are written at once: one computes its checksums while the other waits for the disk. */
const MOST_SPILLING = 2;
/** Of the budget, and in bytes, what goes into one file, unless one partition alone is more. */
const GROUP_SHARE = 1 / 32;
const GROUP_BYTES = 2 ** 23;
const MOST_IN_GROUP = 128;
/** Of the budget: less garbage than that is not worth collecting. */
const LEAST_GARBAGE = 0.05;
/** How long nothing is written after a failure. */
const RETRY_MS = 1000;

/** What takes, or would take, host memory. */
export interface Counted {
  /** Where neither host memory nor the disk has it. */
  readonly byteLength: number;
  readonly spilled?: SpilledBatch | null;
  /** Where that has a copy in host memory or on disk, it is these columns of it. */
  readonly chosen?: { readonly from: Counted; readonly columns: readonly number[] };
}

/** A partition with a copy in host memory. */
export interface Spillable extends Counted {
  readonly isPinned: boolean;
  /**
   * It begins to leave host memory: what is to be written, which nobody frees until `left`. Null: the disk has it, or it has
   * gone meanwhile.
   */
  leave(): Batch | null;
  /** Lets go of the host's copy where the disk has it, unless somebody pins it meanwhile. Null: nothing was written. */
  left(written: SpilledBatch | null): Promise<void>;
}

/** Host memory that a task has been promised. */
export interface Reservation {
  /** So much of it is held, and counted, by now. */
  arrived(bytes: number): void;
  release(): void;
}

export interface HostMemoryOptions {
  /** Whatever is not pinned goes to disk, however much room there is. */
  readonly spillsAlways?: boolean;
  /** Gives memory that is free back to the system. */
  readonly trim?: () => Promise<void>;
}

export class HostMemory {
  readonly budget: number;
  readonly store: SpillStore;
  readonly #target: number;
  readonly #trim: () => Promise<void>;
  readonly #ledger = new BufferLedger();
  readonly #heap: HeapWatch;
  /** Least recently used first. */
  readonly #resident = new Map<Spillable, { readonly batch: Batch; readonly held: Held }>();
  readonly #groups = new Set<Promise<void>>();
  /** The partitions of all groups. */
  readonly #spilling = new Set<Spillable>();
  readonly #watchers = new Set<() => void>();
  #reserved = 0;
  #tasks = 0;
  #collecting = false;
  #failure: { readonly error: unknown; readonly at: number } | null = null;
  #spilledBytes = 0;

  constructor(budget: number, store: SpillStore, options: HostMemoryOptions = {}) {
    this.budget = budget;
    this.#target = options.spillsAlways ? 0 : TARGET * budget;
    this.#trim = options.trim ?? (async () => {});
    this.store = store;
    this.#heap = new HeapWatch(budget);
  }

  /** Bytes of partitions in host memory, each buffer once, without what callers own. */
  get usedBytes(): number {
    return this.#ledger.usedBytes;
  }

  /** Bytes of partitions that are only on disk. */
  get spilledBytes(): number {
    return this.#spilledBytes;
  }

  /** Bytes of partitions that tasks are reading, shared buffers counted with each. */
  get pinnedBytes(): number {
    let bytes = 0;
    for (const [partition, { held }] of this.#resident) {
      if (partition.isPinned) bytes += heldBytes(held);
    }
    return Math.min(bytes, this.usedBytes);
  }

  get reservedBytes(): number {
    return this.#reserved;
  }

  /** Is so much in use that tasks which free memory should come first? */
  get isPressed(): boolean {
    return this.#needed > TARGET * this.budget;
  }

  /** The partition has a copy in host memory now. */
  add(partition: Spillable, batch: Batch): void {
    this.#resident.set(partition, { batch, held: this.#ledger.hold(batch) });
    this.relieve();
  }

  /** It has none any more. */
  remove(partition: Spillable): void {
    const copy = this.#resident.get(partition);
    if (copy === undefined) return;
    this.#resident.delete(partition);
    this.#ledger.release(copy.held);
    this.relieve();
    this.#tell();
  }

  /** It was used just now. */
  touch(partition: Spillable): void {
    const copy = this.#resident.get(partition);
    if (copy === undefined) return;
    this.#resident.delete(partition);
    this.#resident.set(partition, copy);
  }

  /** A partition is only on disk from now on (or no more, with a negative number). */
  onDisk(bytes: number): void {
    this.#spilledBytes += bytes;
    // There is room on the disk again.
    if (bytes < 0) this.#failure = null;
  }

  /** Promises a task memory. Null: it has to wait until whenRoom() calls back. */
  reserve(bytes: number): Reservation | null {
    const isOver = this.#needed + this.#garbage + bytes > PAUSE * this.budget;
    if (isOver) {
      this.#relieve(bytes);
      if (this.#tasks > 0 || this.#spilling.size > 0 || this.#collecting) return null;
    }
    this.#tasks += 1;
    this.#reserved += bytes;
    this.relieve();
    let left = bytes;
    let isOpen = true;
    return {
      arrived: (arrived) => {
        const taken = Math.min(left, arrived);
        left -= taken;
        this.#reserved -= taken;
      },
      release: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#tasks -= 1;
        this.#reserved -= left;
        this.#tell();
      },
    };
  }

  /** What the partitions take, or would take, in host memory together: what they share once, what callers own not. */
  bytesOf(partitions: readonly Counted[]): number {
    const [only] = partitions;
    const held = only === undefined || partitions.length > 1 ? undefined : this.#heldOf(only);
    // Of a wide frame's thousands of buffers none comes twice.
    if (held !== undefined) return heldBytes(held);
    const seen = new Set<object>();
    let bytes = 0;
    for (const partition of partitions) {
      const parts = this.#partsOf(partition);
      if (parts === null) bytes += partition.byteLength;
      else {
        for (const [part, byteLength] of parts) {
          if (!seen.has(part)) bytes += byteLength;
          seen.add(part);
        }
      }
    }
    return bytes;
  }

  /**
   * @throws MemoryBudgetError where so many bytes, which have to be in host memory at once, cannot be: for their number,
   * or because what is there already cannot be written to disk.
   */
  requireRoom(partitions: readonly Counted[], what: string, hint: string): void {
    const most = FAIL * this.budget;
    // Nearly always: what is there already is no more than all that is there.
    const isThere = (partition: Counted) => this.#copyOf(partition) !== undefined;
    if (this.usedBytes <= most && partitions.every(isThere)) return;
    const bytes = this.bytesOf(partitions);
    if (bytes > most) {
      throw new MemoryBudgetError(
        `${what} must hold ${formatByteSize(bytes)} at once, and hostMemory is ${formatByteSize(this.budget)}`,
        { hint },
      );
    }
    const absent = partitions.filter((partition) => !isThere(partition));
    if (this.#failure === null || this.usedBytes + this.bytesOf(absent) <= most) return;
    const { error } = this.#failure;
    const ownHint = error instanceof DataFrameError ? error.hint : undefined;
    throw new MemoryBudgetError(
      `${formatByteSize(this.usedBytes)} of host memory are in use, hostMemory is ${formatByteSize(this.budget)}, and spilling fails`,
      {
        hint: `${ownHint ?? "Set another `spillDirectory`."} Or raise \`hostMemory\`.`,
        cause: error,
      },
    );
  }

  /** Could so much more stay in memory? */
  hasRoom(bytes: number): boolean {
    return this.#needed + bytes <= this.#target;
  }

  /** Calls back once, soon after a task that had to wait may be able to start. */
  whenRoom(callback: () => void): void {
    this.#watchers.add(callback);
  }

  /** Moves what is too much to disk, in the background. */
  relieve(): void {
    this.#relieve(0);
  }

  /** Until nothing is on its way to disk. */
  async settle(): Promise<void> {
    while (this.#groups.size > 0) await Promise.all(this.#groups);
  }

  /** What is counted once, with its bytes. Null where neither host memory nor the disk has it. */
  #partsOf(counted: Counted): Iterable<readonly [part: object, byteLength: number]> | null {
    const held = this.#heldOf(counted);
    if (held !== undefined) return [...held].map((memory) => [memory, memory.byteLength] as const);
    const { from, columns } = counted.chosen ?? { from: counted, columns: null };
    return from.spilled ? absentParts(from.spilled, columns) : null;
  }

  /** What it lies in. Only what is spillable is there. */
  #copyOf(counted: Counted) {
    return this.#resident.get((counted.chosen?.from ?? counted) as Spillable);
  }

  #heldOf(counted: Counted): Held | undefined {
    const copy = this.#copyOf(counted);
    const columns = counted.chosen?.columns ?? null;
    if (copy === undefined || columns === null) return copy?.held;
    const { rowCount, columns: all } = copy.batch;
    return countedMemory({ rowCount, columns: columns.map((column) => at(all, column)) });
  }

  get #needed(): number {
    return this.usedBytes + this.#reserved;
  }

  get #garbage(): number {
    return this.#ledger.garbageBytes;
  }

  #relieve(wanted: number): void {
    // Nearly always: neither is anything to be written, nor worth collecting.
    if (this.#needed + wanted + this.#garbage <= this.#target) return;
    this.#collect(wanted);
    if (this.#failure !== null && performance.now() - this.#failure.at < RETRY_MS) return;
    while (this.#groups.size < MOST_SPILLING && this.#isOver(wanted)) {
      const partitions = this.#leastRecent();
      if (partitions.length === 0) return;
      for (const partition of partitions) this.#spilling.add(partition);
      const group: Promise<void> = this.#spill(partitions).then(() => {
        this.#groups.delete(group);
        this.relieve();
        this.#tell();
      });
      this.#groups.add(group);
    }
  }

  #isOver(wanted: number): boolean {
    let leaving = 0;
    for (const partition of this.#spilling)
      leaving += heldBytes(this.#heldOf(partition) ?? new Set());
    return this.#needed + wanted - leaving > this.#target;
  }

  /** Neighbours in the order of use, such as the pieces of an exchange, go to disk in one file. */
  #leastRecent(): readonly Spillable[] {
    const group: Spillable[] = [];
    let room = Math.min(GROUP_BYTES, GROUP_SHARE * this.budget);
    for (const [partition, { held }] of this.#resident) {
      if (held.size === 0 || partition.isPinned || this.#spilling.has(partition)) continue;
      room -= heldBytes(held);
      if (group.length > 0 && (room < 0 || group.length === MOST_IN_GROUP)) break;
      group.push(partition);
    }
    return group;
  }

  /** Never rejects. */
  async #spill(partitions: readonly Spillable[]): Promise<void> {
    // Not while whoever asked for it is in the middle of something.
    await Promise.resolve();
    const leaving = partitions.map((partition) => ({ partition, batch: partition.leave() }));
    const batches = leaving.flatMap(({ batch }) => (batch === null ? [] : [batch]));
    let written: readonly SpilledBatch[] = [];
    try {
      if (batches.length > 0) written = await this.store.write(batches);
      this.#failure = null;
    } catch (error) {
      this.#failure = { error, at: performance.now() };
    }
    let next = 0;
    for (const { partition, batch } of leaving) {
      await partition.left(batch === null ? null : (written[next++] ?? null));
      this.#spilling.delete(partition);
    }
    await this.#heap.keepSmall();
  }

  #collect(wanted: number): void {
    const isEnough = () => {
      const all = this.#needed + wanted + this.#garbage;
      return this.#garbage < LEAST_GARBAGE * this.budget || all <= SPILL * this.budget;
    };
    if (this.#collecting || isEnough() || !mayCollect()) return;
    this.#collecting = true;
    void this.#free(isEnough).finally(() => {
      this.#collecting = false;
      this.#tell();
    });
  }

  async #free(isEnough: () => boolean): Promise<void> {
    await collectGarbage(isEnough);
    await this.#trim();
  }

  /** Not at once: whoever let something go is in the middle of it. */
  #tell(): void {
    if (this.#watchers.size === 0) return;
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    queueMicrotask(() => {
      for (const watcher of watchers) watcher();
    });
  }
}
