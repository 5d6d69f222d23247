// Device copies of host tables (ranks of dictionary entries, literals of programs, dictionaries to be searched), known by
// the identity of what they are made of: partitions that share a dictionary or a program share its tables. The copies belong
// to nobody between operations; the pool counts them and takes them back when it needs their memory.

import type { BufferPool, DeviceBuffer } from "./buffer_pool.ts";

export interface TableWriter {
  /** At this point of the queue: before whatever is submitted later. */
  write(buffer: DeviceBuffer, data: ArrayBufferView): void;
}

export class TableCache {
  readonly #pool: BufferPool;
  readonly #writer: TableWriter;
  #tables = new WeakMap<object, Map<string, DeviceBuffer>>();

  constructor(pool: BufferPool, writer: TableWriter) {
    this.#pool = pool;
    this.#writer = writer;
  }

  /** What is there is not given out again. */
  forget(): void {
    this.#tables = new WeakMap();
  }

  /**
   * The table that `make` gives, in a buffer that the caller owns with others and must not change. `key` and the name of a
   * part of it stand for the content: it must be the same whenever they are.
   */
  take(key: object, part: string, make: () => ArrayBufferView): DeviceBuffer {
    const parts = this.#tables.get(key) ?? new Map<string, DeviceBuffer>();
    this.#tables.set(key, parts);
    const known = parts.get(part);
    if (known) return this.#pool.retain(known);
    const data = make();
    const buffer = this.#pool.acquire(data.byteLength);
    try {
      // Written at once and not by a recording, which another operation's could overtake, or which may never be submitted.
      this.#writer.write(buffer, data);
    } catch (error) {
      this.#pool.release(buffer);
      throw error;
    }
    this.#pool.keep(buffer, () => parts.delete(part));
    parts.set(part, buffer);
    return buffer;
  }
}
