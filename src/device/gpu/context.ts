// What operators work with: one device and everything that belongs to it.

import {
  type DictionaryOperations,
  StringResolver,
  typescriptDictionaryOperations,
} from "../../codegen/index.ts";
import { parseValue } from "../reference/index.ts";
import type { GpuAdapter } from "./adapters.ts";
import { BufferPool } from "./buffer_pool.ts";
import { gpuDictionaries } from "./dictionaries.ts";
import { GpuDevice } from "./gpu_device.ts";
import { type Kernel, KernelCache } from "./kernel_cache.ts";
import { LOCAL_WORDS } from "./operators/group_table.ts";
import { ReadbackRing } from "./readback.ts";
import { Recording, writePadded } from "./recording.ts";
import { TableCache } from "./table_cache.ts";
import { UniformArena } from "./uniform_arena.ts";

/** Running totals since the device was opened; profile() reports differences. */
export interface GpuCounters {
  dispatches: number;
  submits: number;
  /** Waits of the host for the device. */
  roundTrips: number;
  /** Device memory that the dispatches and copies must read and write. */
  bytesRead: number;
  bytesWritten: number;
  /** See ideal_bytes.ts. */
  bytesIdeal: number;
  bytesUploaded: number;
  bytesDownloaded: number;
}

export interface GpuOptions {
  /** Bytes that the engine may hold on the device; default: what the descriptor says. */
  readonly memory?: number | undefined;
  /** Who works on dictionaries in host memory; default: the TypeScript implementation. */
  readonly dictionaries?: DictionaryOperations | undefined;
  /** Bits of key hashes that count. Tests set 0: then all keys collide, and only comparisons tell them apart. */
  readonly hashMask?: number | undefined;
  /** Words of a workgroup's table of accumulators. Tests set few: then most groups have no place in it. */
  readonly localWords?: number | undefined;
  /** Up to so many rows are sorted by ranking them. Tests set 0. */
  readonly smallRows?: number | undefined;
}

/** Ranking is quadratic: above, a radix sort moves fewer bytes. */
const SMALL_ROWS = 512;

export class GpuContext {
  readonly device: GpuDevice;
  readonly pool: BufferPool;
  readonly tables: TableCache;
  readonly kernels: KernelCache;
  readonly readback: ReadbackRing;
  readonly uniforms: UniformArena;
  readonly dictionaries: DictionaryOperations;
  readonly strings: StringResolver;
  readonly hashMask: number;
  readonly localWords: number;
  readonly smallRows: number;
  /** Nothing is submitted any more once it aborts. */
  readonly signal: AbortSignal | undefined = undefined;
  /** Calls of the device before the work that this context is for; null: it is for no work in particular. */
  readonly since: number | null = null;
  readonly counters: GpuCounters = {
    dispatches: 0,
    submits: 0,
    roundTrips: 0,
    bytesRead: 0,
    bytesWritten: 0,
    bytesIdeal: 0,
    bytesUploaded: 0,
    bytesDownloaded: 0,
  };

  /** Dispatches by kernel since they were last taken. */
  readonly kernelRuns = new Map<Kernel, number>();

  private constructor(device: GpuDevice, options: GpuOptions) {
    this.device = device;
    this.pool = new BufferPool(device, options.memory ?? device.descriptor.memory);
    this.tables = new TableCache(this.pool, {
      write: (buffer, data) => {
        device.guard(() => writePadded(device.raw.queue, buffer.raw, 0, data));
        this.counters.bytesUploaded += data.byteLength;
      },
    });
    this.kernels = new KernelCache(device);
    this.readback = new ReadbackRing(device);
    this.uniforms = new UniformArena(device);
    const host = options.dictionaries ?? typescriptDictionaryOperations(parseValue);
    this.dictionaries = gpuDictionaries(this, host);
    this.strings = new StringResolver(this.dictionaries);
    this.hashMask = options.hashMask ?? 0xffffffff;
    this.localWords = options.localWords ?? LOCAL_WORDS;
    this.smallRows = options.smallRows ?? SMALL_ROWS;
    // Buffers that were given out lately may be none, and tables may have been written to such.
    device.onFailure(() => {
      this.tables.forget();
      this.pool.renew();
      this.readback.trim();
      this.uniforms.destroy();
    });
  }

  static async open(adapter: GpuAdapter, options: GpuOptions = {}): Promise<GpuContext> {
    return new GpuContext(await GpuDevice.open(adapter), options);
  }

  /** The same device, pool and caches, for work that begins now and ends once the signal aborts. */
  during(signal?: AbortSignal): GpuContext {
    return Object.assign(Object.create(this), { signal, since: this.device.calls });
  }

  record(): Recording {
    return new Recording(this);
  }

  destroy(): void {
    this.pool.destroy();
    this.readback.destroy();
    this.uniforms.destroy();
    this.device.destroy();
  }
}
