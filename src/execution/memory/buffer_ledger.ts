// Which ArrayBuffers a session holds, each counted once however many columns, slices and partitions lie in it. What
// callers own is never counted: it was there before the session and stays when the session lets go of it.

import { type Batch, batchViews } from "../../column/index.ts";

/** Buffers of callers: given by them, or handed over to them. For all sessions: a table may go from one to another. */
const foreign = new WeakSet<ArrayBufferLike>();

/** Smaller buffers are not worth following to their end. */
const SMALLEST_FOLLOWED = 1 << 16;

/** The buffers are a caller's from now on. */
export function disown(batch: Batch): void {
  for (const { buffer } of batchViews(batch)) foreign.add(buffer);
}

export function isForeign({ buffer }: ArrayBufferView): boolean {
  return foreign.has(buffer);
}

/** Buffers that a holder is counted for. */
export type Held = ReadonlySet<ArrayBufferLike>;

/** The buffers of the batch that no caller owns. */
export function countedBuffers(batch: Batch): Held {
  const held = new Set<ArrayBufferLike>();
  for (const view of batchViews(batch)) if (!isForeign(view)) held.add(view.buffer);
  return held;
}

export function heldBytes(held: Held): number {
  let bytes = 0;
  for (const { byteLength } of held) bytes += byteLength;
  return bytes;
}

export class BufferLedger {
  readonly #owners = new Map<ArrayBufferLike, number>();
  /** Let go of, and not collected yet. */
  readonly #dying = new WeakSet<ArrayBufferLike>();
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

  /** The buffers of the batch that are counted; `release` takes them back. */
  hold(batch: Batch): Held {
    const held = countedBuffers(batch);
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

  #follow(buffer: ArrayBufferLike): void {
    if (buffer.byteLength < SMALLEST_FOLLOWED) return;
    this.#dying.add(buffer);
    this.#garbageBytes += buffer.byteLength;
    this.#collected.register(buffer, buffer.byteLength, buffer);
  }
}
