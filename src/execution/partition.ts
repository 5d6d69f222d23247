// A partition and where it lives. All host executors share one memory space; every GPU is one of its own, and the disk is
// below them. A partition that a second device needs is copied there once, through the host; what a tier has no room for
// goes down one (memory/README.md); and all copies go when the last reader is done.
//
//             on(gpu)            on(host)
//     device ◀────────  host  ◀────────────  disk
//            ────────▶        ────────────▶
//              evict              spill              a pinned partition does neither
//
// The copy on disk stays when the partition comes back: nothing changes it, so spilling again costs nothing.

import { assert, type DataFrameError, DeviceLostError, isDeviceError } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Executor, Resident } from "../device/index.ts";
import type { DType } from "../dtype/index.ts";
import {
  type Counted,
  HOST,
  type MemorySpace,
  memorySpace,
  type SessionMemory,
  type SpilledBatch,
} from "./memory/index.ts";

/** Counts bytes that cross between the host and a device. */
export interface Traffic {
  uploaded: number;
  downloaded: number;
}

/** The device that held the only copy of a task's input is gone: the task is not at fault, its input is made again. */
export class CopyLostError extends DeviceLostError {
  readonly device: Executor;

  constructor(device: Executor, cause: DataFrameError) {
    super(cause.summary, { cause });
    this.device = device;
  }
}

interface Copy {
  readonly executor: Executor;
  readonly resident: Promise<Resident>;
  /** Null while it is on its way, and may yet fail to come. */
  there: Resident | null;
}

export interface Partition {
  readonly rowCount: number;
  readonly dtypes: readonly DType[];
  readonly byteLength: number;
  /** What a device that does not have it takes for it. */
  readonly bytesOnDevice: number;
  /** Of an exchange: its results, held until it is released. */
  readonly pieces: readonly Partition[];
  /** What host memory counts it as. */
  readonly counted: Counted;
  /** An executor that holds it; null once it is lost or released. */
  readonly holder: Executor | null;
  /** In host memory or on disk, so that no device can lose it. */
  readonly isBelowDevices: boolean;
  /** Is there a copy in the executor's memory already? */
  isOn(executor: Executor): boolean;
  /** Until as many unpins, nothing takes away a copy that is there or comes. */
  pin(): void;
  unpin(): void;
  /** The partition in the executor's memory, copied there if need be. On a device, only pinned partitions stay. */
  on(executor: Executor, host: Executor, traffic: Traffic): Promise<Resident>;
  toBatch(host: Executor, traffic: Traffic): Promise<Batch>;
  /**
   * By itself, where it lies in another one that may go: the caller's one reader passes on. On the host where its device has no
   * room for that, or refuses it.
   */
  own(host: Executor): Promise<StoredPartition>;
  /** Adds readers, each of which will release it. */
  retain(readers: number): this;
  /** One reader is done. The last one frees every copy. */
  release(): Promise<void>;
  /** The device is gone and its copy with it. False when that was the last one. */
  drop(device: Executor): boolean;
}

export class StoredPartition implements Partition {
  readonly rowCount: number;
  readonly dtypes: readonly DType[];
  readonly byteLength: number;
  readonly pieces: readonly Partition[];
  #readers: number;
  #pins = 0;
  readonly #memory: SessionMemory | null;
  readonly #copies = new Map<MemorySpace, Copy>();
  /** On disk; `host` reads it. */
  #disk: { readonly batch: SpilledBatch; readonly host: Executor } | null = null;
  /** Is there nothing but the copy on disk? */
  #isOnlyOnDisk = false;
  /** Is it being written? */
  #isLeaving = false;
  /** The device whose copy was lost last. One that was on its way from there to the host may have failed to come since. */
  #lostWith: Executor | null = null;
  /** Devices that it left for want of room, with what it took there. */
  readonly #evicted = new Map<MemorySpace, number>();

  /** `memory`: who counts it, and may move it; null: nobody. */
  constructor(
    executor: Executor,
    resident: Resident,
    readers: number,
    memory: SessionMemory | null = null,
    pieces: readonly Partition[] = [],
  ) {
    this.rowCount = resident.rowCount;
    this.dtypes = resident.dtypes;
    this.byteLength = resident.byteLength;
    this.#readers = readers;
    this.pieces = pieces;
    this.#memory = memory;
    const copy: Copy = { executor, resident: Promise.resolve(resident), there: resident };
    this.#copies.set(memorySpace(executor), copy);
    this.#arrived(executor, copy.resident, resident);
  }

  get counted(): Counted {
    return this;
  }

  get spilled(): SpilledBatch | null {
    return this.#disk?.batch ?? null;
  }

  get bytesOnDevice(): number {
    return this.byteLength;
  }

  get holder(): Executor | null {
    const [copy] = this.#copies.values();
    return copy?.executor ?? this.#disk?.host ?? null;
  }

  isOn(executor: Executor): boolean {
    return this.#copies.has(memorySpace(executor));
  }

  get isInHostMemory(): boolean {
    return this.#copies.has(HOST);
  }

  get isBelowDevices(): boolean {
    return this.#copies.get(HOST)?.there != null || this.#disk !== null;
  }

  get isPinned(): boolean {
    return this.#pins > 0;
  }

  pin(): void {
    this.#pins += 1;
  }

  unpin(): void {
    this.#pins -= 1;
    if (this.#pins === 0) this.#memory?.relieve();
  }

  on(executor: Executor, host: Executor, traffic: Traffic): Promise<Resident> {
    const space = memorySpace(executor);
    this.#memory?.touch(this, space);
    const known = this.#copies.get(space);
    if (known !== undefined) return known.resident;
    const resident =
      space === HOST ? this.#toHost(executor, traffic) : this.#upload(executor, host, traffic);
    this.#copies.set(space, { executor, resident, there: null });
    resident.then(
      (arrived) => this.#arrived(executor, resident, arrived),
      // A copy that failed is not there: the next reader, or the retry on another device, tries anew.
      () => {
        if (this.#copies.get(space)?.resident === resident) this.#copies.delete(space);
      },
    );
    return resident;
  }

  /** For whoever never releases it: its memory is the collector's. */
  async toBatch(host: Executor, traffic: Traffic): Promise<Batch> {
    this.pin();
    try {
      return await host.download(await this.on(host, host, traffic));
    } finally {
      this.unpin();
    }
  }

  async own(): Promise<StoredPartition> {
    return this;
  }

  retain(readers: number): this {
    this.#readers += readers;
    return this;
  }

  async release(): Promise<void> {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    for (const piece of this.pieces) await piece.release();
    const copies = [...this.#copies];
    this.#copies.clear();
    for (const space of Array.from(this.#evicted.keys())) this.#forgetEviction(space);
    const disk = this.#leaveDisk();
    for (const [space, { executor, resident }] of copies) {
      // Whoever waited for a failed copy has its error; here there is nothing to free.
      const held = await resident.catch(() => null);
      if (held !== null) executor.release(held);
      this.#memory?.remove(this, space);
    }
    await disk;
  }

  drop(device: Executor): boolean {
    const space = memorySpace(device);
    if (this.#copies.delete(space)) {
      this.#lostWith = device;
      this.#memory?.remove(this, space);
    }
    return this.holder !== null;
  }

  /** What is to be written for the host's copy to go, which stays until `left`. Null: nothing. */
  leave(): Batch | null {
    const there = this.#copies.get(HOST)?.there ?? null;
    if (there === null || this.#disk !== null) return null;
    assert(there.batch !== undefined, "what is on the host is a batch");
    // Not freed while it is written, even if the last reader releases it.
    this.retain(1);
    this.#isLeaving = true;
    return there.batch;
  }

  /** Lets go of the host's copy where the disk has it, unless it is pinned or released meanwhile. */
  async left(written: SpilledBatch | null): Promise<void> {
    if (this.#isLeaving) {
      this.#isLeaving = false;
      await this.#keepOnDisk(written);
      await this.release();
    }
    const copy = this.#copies.get(HOST);
    if (copy === undefined || copy.there === null || this.#disk === null || this.isPinned) return;
    this.#copies.delete(HOST);
    copy.executor.release(copy.there);
    this.#isOnlyOnDisk = true;
    this.#memory?.onDisk(this.byteLength);
    this.#memory?.remove(this, HOST);
  }

  async #keepOnDisk(batch: SpilledBatch | null): Promise<void> {
    const host = this.#copies.get(HOST)?.executor;
    if (batch === null) return;
    assert(host !== undefined, "what is being written stays on the host");
    // Nobody else needs it any more.
    if (this.#readers === 1) await this.#memory?.store.release(batch);
    else this.#disk = { batch, host };
  }

  /** Moves the copy on a device to the host, unless it is pinned, released or gone meanwhile. */
  async evict(executor: Executor, host: Executor): Promise<void> {
    const space = memorySpace(executor);
    const copy = this.#copies.get(space);
    if (copy === undefined) return;
    this.retain(1);
    try {
      const resident = await copy.resident;
      if (this.#isOnlyCopy(copy)) await this.on(host, host, { uploaded: 0, downloaded: 0 });
      if (this.isPinned || this.#readers === 1 || this.#copies.get(space) !== copy) return;
      this.#copies.delete(space);
      executor.release(resident);
      this.#evicted.set(space, resident.byteLength);
      this.#memory?.evicted(space, resident.byteLength);
      this.#memory?.remove(this, space);
    } finally {
      await this.release();
    }
  }

  /** Is there no other copy yet, or one on its way to the host, which may be read from here? */
  #isOnlyCopy(copy: Copy): boolean {
    const onHost = this.#copies.get(HOST);
    if (onHost !== undefined) return onHost.there === null;
    return this.#disk === null && ![...this.#copies.values()].some((o) => o !== copy && o.there);
  }

  /** A copy is there, unless the partition was released, or the device lost, before it came. */
  #arrived(executor: Executor, resident: Promise<Resident>, arrived: Resident): void {
    const space = memorySpace(executor);
    const copy = this.#copies.get(space);
    if (copy?.resident !== resident) return;
    copy.there = arrived;
    if (space === HOST) this.#leaveOnlyDisk();
    else this.#forgetEviction(space);
    this.#memory?.add(this, space, arrived);
  }

  #leaveOnlyDisk(): void {
    if (!this.#isOnlyOnDisk) return;
    this.#isOnlyOnDisk = false;
    this.#memory?.onDisk(-this.byteLength);
  }

  #forgetEviction(space: MemorySpace): void {
    const bytes = this.#evicted.get(space);
    if (bytes === undefined) return;
    this.#evicted.delete(space);
    this.#memory?.evicted(space, -bytes);
  }

  async #leaveDisk(): Promise<void> {
    const disk = this.#disk;
    this.#disk = null;
    this.#leaveOnlyDisk();
    if (disk !== null) await this.#memory?.store.release(disk.batch);
  }

  /** From whichever device still has it, or else from the disk. */
  async #toHost(host: Executor, traffic: Traffic): Promise<Resident> {
    const copies = [...this.#copies.values()];
    let failure: unknown =
      this.#lostWith === null
        ? null
        : new CopyLostError(this.#lostWith, new DeviceLostError("the device was lost"));
    for (const { executor, resident } of copies) {
      try {
        const arrived = await host.upload(await downloaded(executor, await resident));
        traffic.downloaded += arrived.byteLength;
        return arrived;
      } catch (error) {
        if (!isDeviceError(error)) throw error;
        failure = error;
      }
    }
    if (failure !== null && this.#disk === null) throw failure;
    return await this.readBack(host);
  }

  /** The copy on disk, which stays the only one. */
  async readBack(host: Executor): Promise<Resident> {
    assert(
      this.#disk !== null && this.#memory !== null,
      "a partition is read before it is released",
    );
    return await host.upload(await this.#memory.store.read(this.#disk.batch));
  }

  async #upload(executor: Executor, host: Executor, traffic: Traffic): Promise<Resident> {
    const batch = await this.toBatch(host, traffic);
    const resident = await executor.upload(batch);
    traffic.uploaded += resident.byteLength;
    return resident;
  }
}

/** One after the other. */
export async function releaseAll(partitions: readonly Partition[]): Promise<void> {
  for (const partition of partitions) await partition.release();
}

/** What a device fails to give twice is as good as lost. */
export async function downloaded(executor: Executor, resident: Resident): Promise<Batch> {
  try {
    return await executor.download(resident);
  } catch (first) {
    if (first instanceof DeviceLostError) throw new CopyLostError(executor, first);
    if (!isDeviceError(first)) throw first;
  }
  return await executor.download(resident).catch((error: unknown) => {
    throw isDeviceError(error) ? new CopyLostError(executor, error) : error;
  });
}
