// Which blocks and ArrayBuffers a session holds, each counted once however many columns, slices and partitions lie in it.
// What callers own is never counted: it was there before the session and stays when the session lets go of it.

import { atOnce, ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import {
  type Batch,
  Block,
  batchSpans,
  type MemoryIdentity,
  memoryOf,
  type Span,
} from "../../column/index.ts";

/** Memory of callers: given by them, or handed over to them. For all sessions: a table may go from one to another. */
const foreign = new WeakSet<MemoryIdentity>();

/** Smaller buffers are not worth following to their end. */
const SMALLEST_FOLLOWED = 1 << 16;

/** The batch's memory is a caller's from now on. */
export function disown(batch: Batch): void {
  atOnce(disowning(batch));
}

/** As disown, for batches of thousands of columns. */
export function* disowning(batch: Batch): Steps<void> {
  let spans = 0;
  for (const span of batchSpans(batch)) {
    foreign.add(memoryOf(span));
    spans += 1;
    if (spans % ITEMS_A_STEP === 0) yield;
  }
}

export function isForeign(span: Span): boolean {
  return foreign.has(memoryOf(span));
}

/** Memory that a holder is counted for. */
export type Held = ReadonlySet<MemoryIdentity>;

/** The memory of the batch that no caller owns. */
export function countedMemory(batch: Batch): Held {
  const held = new Set<MemoryIdentity>();
  for (const span of batchSpans(batch)) {
    const memory = memoryOf(span);
    if (!foreign.has(memory)) held.add(memory);
  }
  return held;
}

export function heldBytes(held: Held): number {
  let bytes = 0;
  for (const { byteLength } of held) bytes += byteLength;
  return bytes;
}

export class BufferLedger {
  readonly #owners = new Map<MemoryIdentity, number>();
  /** Let go of, and not collected yet. */
  readonly #dying = new WeakSet<MemoryIdentity>();
  readonly #collected = new FinalizationRegistry<number>((bytes) => {
    this.#garbageBytes -= bytes;
  });
  #usedBytes = 0;
  #garbageBytes = 0;

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes that nobody uses any more and that the collector has not freed. */
  get garbageBytes(): number {
    return this.#garbageBytes;
  }

  /** The memory of the batch that is counted; `release` takes them back. */
  hold(batch: Batch): Held {
    const held = countedMemory(batch);
    for (const buffer of held) {
      const owners = this.#owners.get(buffer) ?? 0;
      this.#owners.set(buffer, owners + 1);
      if (owners > 0) continue;
      this.#usedBytes += buffer.byteLength;
      if (!this.#dying.delete(buffer)) continue;
      this.#collected.unregister(buffer);
      this.#garbageBytes -= buffer.byteLength;
    }
    return held;
  }

  /** What has been disowned since is not garbage, but a caller's. */
  release(held: Held): void {
    for (const buffer of held) {
      const owners = this.#owners.get(buffer) ?? 0;
      if (owners > 1) {
        this.#owners.set(buffer, owners - 1);
        continue;
      }
      this.#owners.delete(buffer);
      this.#usedBytes -= buffer.byteLength;
      if (!foreign.has(buffer)) this.#follow(buffer);
    }
  }

  /** A block that no ArrayBuffer shows is freed by its last holder: it never waits for the collector. */
  #follow(memory: MemoryIdentity): void {
    if (memory.byteLength < SMALLEST_FOLLOWED) return;
    if (memory instanceof Block && !memory.isShown) return;
    const buffer = memory instanceof Block ? memory.show() : memory;
    this.#dying.add(memory);
    this.#garbageBytes += memory.byteLength;
    this.#collected.register(buffer, memory.byteLength, memory);
  }
}
