// Tables that stay where they were computed, until they are unpersisted or the session closes.

import { AbortError } from "../base/index.ts";
import type { Executor } from "../device/index.ts";
import type { Schema } from "../dtype/index.ts";
import type { PersistedHandle } from "../plan/index.ts";
import type { StoredPartition } from "./partition.ts";

export class PersistedTables {
  readonly #partitions = new Map<string, readonly StoredPartition[]>();
  #next = 1;

  /** The partitions are the table's from now on. */
  add(schema: Schema, partitions: readonly StoredPartition[]): PersistedHandle {
    const id = `persisted:${this.#next++}`;
    this.#partitions.set(id, partitions);
    const rowCount = partitions.reduce((sum, partition) => sum + partition.rowCount, 0);
    return Object.freeze({ id, schema, rowCount, partitions: partitions.length });
  }

  /** @throws AbortError where the table is gone. */
  partitionOf(handle: string, index: number): StoredPartition {
    const partition = this.#partitions.get(handle)?.[index];
    if (partition === undefined) {
      throw new AbortError(`${handle} was unpersisted, or its session is closed`);
    }
    return partition;
  }

  /** The device that holds its first partition; null: none. */
  homeOf(handle: string): string | null {
    return this.#partitions.get(handle)?.[0]?.holder?.descriptor.id ?? null;
  }

  /** The device is gone: what was only there is lost. */
  drop(device: Executor): void {
    for (const partitions of this.#partitions.values()) {
      for (const partition of partitions) partition.drop(device);
    }
  }

  async release(handle: string): Promise<void> {
    const partitions = this.#partitions.get(handle) ?? [];
    this.#partitions.delete(handle);
    await Promise.all(partitions.map((partition) => partition.release()));
  }

  async releaseAll(): Promise<void> {
    for (const handle of Array.from(this.#partitions.keys())) await this.release(handle);
  }
}
