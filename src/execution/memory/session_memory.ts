// What a session holds, tier by tier. Partitions tell it where their copies come and go.

import type { Executor, Resident } from "../../device/index.ts";
import { DeviceMemory, type Evictable } from "./device_memory.ts";
import { HostMemory, type HostMemoryOptions, type Spillable } from "./host_memory.ts";
import type { SpillStore } from "./spill_store.ts";

/** What session.memory() tells of one tier of one device, in bytes. */
export interface MemoryUse {
  readonly tier: "device" | "host" | "disk";
  /** "gpu:0"; of the other tiers "host" and "disk". */
  readonly id: string;
  /** Held by the session. Of the host: without what callers own; of a GPU: without buffers that wait to be used again. */
  readonly used: number;
  /** Of it, what tasks are reading. */
  readonly pinned: number;
  /** Of partitions that had to leave this tier for the next one and have not come back, with columns in them that callers own. */
  readonly spilled: number;
  /** Null: no limit but the disk's own. */
  readonly budget: number | null;
}

/** The memory space that all hosts share. */
export const HOST = "host";

/** A GPU is its own: one that is opened again after it was lost has nothing of what it had. */
export type MemorySpace = typeof HOST | Executor;

export function memorySpace(executor: Executor): MemorySpace {
  return executor.descriptor.kind === "gpu" ? executor : HOST;
}

export class SessionMemory {
  readonly host: HostMemory;
  readonly store: SpillStore;
  /** Those that are lost go with the last partition that was there. */
  readonly #devices = new WeakMap<Executor, DeviceMemory>();

  constructor(budget: number, store: SpillStore, options: HostMemoryOptions = {}) {
    this.store = store;
    this.host = new HostMemory(budget, store, options);
  }

  /** A copy is there. */
  add(partition: Spillable & Evictable, space: MemorySpace, { batch, byteLength }: Resident): void {
    if (space === HOST) {
      if (batch !== undefined) this.host.add(partition, batch);
      return;
    }
    this.deviceOf(space).add(partition, byteLength);
  }

  remove(partition: Spillable & Evictable, space: MemorySpace): void {
    if (space === HOST) this.host.remove(partition);
    else this.#devices.get(space)?.remove(partition);
  }

  touch(partition: Spillable & Evictable, space: MemorySpace): void {
    if (space === HOST) this.host.touch(partition);
    else this.#devices.get(space)?.touch(partition);
  }

  /** A pin is gone: what waited for it may move. */
  relieve(): void {
    this.host.relieve();
  }

  onDisk(bytes: number): void {
    this.host.onDisk(bytes);
  }

  evicted(space: MemorySpace, bytes: number): void {
    if (space !== HOST) this.#devices.get(space)?.evicted(bytes);
  }

  /** Of a device with a memory of its own. */
  deviceOf(executor: Executor): DeviceMemory {
    const device = this.#devices.get(executor) ?? new DeviceMemory(executor);
    this.#devices.set(executor, device);
    return device;
  }

  async close(): Promise<void> {
    await this.host.settle();
    await this.store.close();
  }

  report(executors: Iterable<Executor>): readonly MemoryUse[] {
    const rows: MemoryUse[] = [];
    for (const executor of executors) {
      const { descriptor, memory } = executor;
      if (memory === undefined) continue;
      const device = this.#devices.get(executor);
      rows.push({
        tier: "device",
        id: descriptor.id,
        used: memory.usedBytes,
        pinned: device?.pinnedBytes ?? 0,
        spilled: device?.evictedBytes ?? 0,
        budget: memory.budget,
      });
    }
    const { usedBytes, pinnedBytes, spilledBytes, budget } = this.host;
    const host = { used: usedBytes, pinned: pinnedBytes, spilled: spilledBytes, budget };
    const disk = { used: this.store.bytes, pinned: 0, spilled: 0, budget: null };
    rows.push({ tier: "host", id: "host", ...host }, { tier: "disk", id: "disk", ...disk });
    return rows;
  }
}
