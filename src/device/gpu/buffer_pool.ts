// Device memory: buffers by size class, reused, counted against a budget.
//
// A new buffer is zero-filled by the driver on first use (64 MB: 134 ms on llvmpipe), so buffers are kept and handed
// out again as they are: whoever acquires one finds anything in it. Sizes are rounded up to four classes an octave
// (at most 25% waste), never beyond what one binding may hold, because whole buffers are bound.
//
// Buffers with content that is worth keeping (table_cache.ts) are kept when nobody owns them, the last used longest, up to
// an eighth of the budget and as long as nothing else needs their memory.
//
// A buffer may be handed back as soon as the commands that use it are submitted: a later owner's commands come later
// in the same queue.

import { assert, formatByteSize, MemoryBudgetError } from "../../base/index.ts";
import type { GpuDevice } from "./gpu_device.ts";

export interface DeviceBuffer {
  /** Unique for the life of the pool: bind groups are cached by it. */
  readonly id: number;
  readonly raw: GPUBuffer;
  /** What was asked for; a multiple of 4. */
  readonly byteLength: number;
  readonly capacity: number;
}

interface Allocation {
  readonly id: number;
  readonly raw: GPUBuffer;
  readonly capacity: number;
  owners: number;
  /** Not given out again. */
  isLast: boolean;
  /** Its content is kept while nobody owns it; told when that ends. */
  evicted: (() => void) | null;
}

/** Of the budget: what may be kept that nobody uses. */
const KEPT_SHARE = 1 / 8;

export class BufferPool {
  readonly budget: number;
  readonly #device: GpuDevice;
  readonly #idle = new Map<number, Allocation[]>();
  readonly #used = new Map<number, Allocation>();
  /** From the one that was used longest ago on. */
  readonly #kept = new Map<number, Allocation>();
  #nextId = 1;
  #usedBytes = 0;
  #idleBytes = 0;
  #keptBytes = 0;
  #destroyed = false;

  constructor(device: GpuDevice, budget: number) {
    this.#device = device;
    this.budget = budget;
  }

  /** Bytes of the buffers that somebody owns. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes of contents that are kept although nobody owns them. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Bytes that the device holds for the pool, idle and kept buffers included. */
  get heldBytes(): number {
    return this.#usedBytes + this.#idleBytes + this.#keptBytes;
  }

  /**
   * A buffer of at least `byteLength` bytes with unspecified content.
   * @throws MemoryBudgetError if a binding cannot hold it or the budget cannot.
   */
  acquire(byteLength: number): DeviceBuffer {
    this.#device.throwIfLost();
    const rounded = Math.max(4, Math.ceil(byteLength / 4) * 4);
    const capacity = this.#capacityFor(rounded);
    const allocation = this.#idle.get(capacity)?.pop() ?? this.#allocate(capacity);
    if (allocation.owners === 0) this.#idleBytes -= capacity;
    allocation.owners = 1;
    this.#usedBytes += capacity;
    this.#used.set(allocation.id, allocation);
    return { id: allocation.id, raw: allocation.raw, byteLength: rounded, capacity };
  }

  /** Another owner: the buffer goes back when all have released it. */
  retain<B extends DeviceBuffer | null>(buffer: B): B {
    if (buffer === null) return buffer;
    const kept = this.#kept.get(buffer.id);
    if (kept) {
      this.#kept.delete(kept.id);
      this.#keptBytes -= kept.capacity;
      this.#used.set(kept.id, kept);
      this.#usedBytes += kept.capacity;
    }
    this.#allocationOf(buffer).owners += 1;
    return buffer;
  }

  /** When nobody owns the buffer its content stays, and it can be retained, until `evicted` is called. */
  keep(buffer: DeviceBuffer, evicted: () => void): void {
    this.#allocationOf(buffer).evicted = evicted;
  }

  release(buffer: DeviceBuffer | null): void {
    if (buffer === null || this.#destroyed) return;
    const allocation = this.#allocationOf(buffer);
    allocation.owners -= 1;
    if (allocation.owners > 0) return;
    this.#used.delete(allocation.id);
    this.#usedBytes -= allocation.capacity;
    if (allocation.isLast) {
      allocation.raw.destroy();
    } else if (allocation.evicted) {
      this.#kept.set(allocation.id, allocation);
      this.#keptBytes += allocation.capacity;
      while (this.#keptBytes > KEPT_SHARE * this.budget) this.#evict();
    } else {
      this.#toIdle(allocation);
    }
  }

  #toIdle(allocation: Allocation): void {
    this.#idleBytes += allocation.capacity;
    const bucket = this.#idle.get(allocation.capacity) ?? [];
    bucket.push(allocation);
    this.#idle.set(allocation.capacity, bucket);
  }

  /** What was kept and used longest ago becomes idle. */
  #evict(): void {
    const [oldest] = this.#kept.values();
    if (oldest === undefined) return;
    this.#kept.delete(oldest.id);
    this.#keptBytes -= oldest.capacity;
    oldest.evicted?.();
    oldest.evicted = null;
    this.#toIdle(oldest);
  }

  /** Gives idle buffers back to the driver. */
  trim(): void {
    for (const bucket of this.#idle.values()) for (const { raw } of bucket) raw.destroy();
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  /** No buffer that is there is given out again. */
  renew(): void {
    while (this.#kept.size > 0) this.#evict();
    this.trim();
    for (const allocation of this.#used.values()) allocation.isLast = true;
  }

  /** Destroys everything, owned or not; later releases are ignored. */
  destroy(): void {
    this.#destroyed = true;
    this.trim();
    for (const { raw } of [...this.#used.values(), ...this.#kept.values()]) raw.destroy();
    this.#used.clear();
    this.#kept.clear();
    this.#usedBytes = 0;
    this.#keptBytes = 0;
  }

  #allocate(capacity: number): Allocation {
    if (this.heldBytes + capacity > this.budget) this.trim();
    while (this.heldBytes + capacity > this.budget && this.#kept.size > 0) {
      this.#evict();
      this.trim();
    }
    if (this.heldBytes + capacity > this.budget) {
      const { id } = this.#device.descriptor;
      throw new MemoryBudgetError(
        `${formatByteSize(capacity)} more on ${id} would exceed its budget of ${formatByteSize(this.budget)}`,
        { hint: "Raise `deviceMemory` or lower `partitionBytes` in the session's options." },
      );
    }
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const usage = STORAGE | COPY_SRC | COPY_DST;
    const raw = this.#device.guard(() => this.#device.raw.createBuffer({ size: capacity, usage }));
    this.#idleBytes += capacity;
    return { id: this.#nextId++, raw, capacity, owners: 0, isLast: false, evicted: null };
  }

  #capacityFor(byteLength: number): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#device.limits;
    const largest = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 16) * 16;
    if (byteLength > largest) {
      const { id } = this.#device.descriptor;
      throw new MemoryBudgetError(
        `a column of ${formatByteSize(byteLength)} exceeds the ${formatByteSize(largest)} that ${id} can bind`,
        { hint: "Lower `partitionBytes` in the session's options." },
      );
    }
    return Math.min(sizeClass(byteLength), largest);
  }

  #allocationOf(buffer: DeviceBuffer): Allocation {
    const allocation = this.#used.get(buffer.id);
    assert(allocation !== undefined, `buffer ${buffer.id} was released twice`);
    return allocation;
  }
}

/** The smallest of 2^k * {4, 5, 6, 7} / 4 that is at least `byteLength` and 256. */
export function sizeClass(byteLength: number): number {
  if (byteLength <= 256) return 256;
  const step = 2 ** (Math.floor(Math.log2(byteLength - 1)) - 2);
  return Math.ceil(byteLength / step) * step;
}
