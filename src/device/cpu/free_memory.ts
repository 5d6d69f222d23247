// Freed memory waits in the addon to be used again: intermediates of one query are those of the next, and of its own next
// task. While there is work, much may wait; in a process that rests, little. The addon is the process's, so the executor
// with the least memory says how much.

import type { NativeAddon } from "./native_addon.ts";

/** Of the memory, for large buffers, and again for what malloc keeps. */
const FREE_SHARE = 1 / 16;
/** Of large buffers, in a process that rests. */
const MOST_AT_REST = 64 * 2 ** 20;
/** A process without work for so long, or up to twice as long, rests: about as long as jemalloc keeps what is free (10 s). */
const REST_MS = 5000;

/** Of one addon, in one thread of JavaScript. */
export class FreeMemory {
  readonly #native: NativeAddon;
  readonly #memories = new Set<{ readonly bytes: number }>();
  #working = 0;
  /** Was there work since the clock ticked last? */
  #isUsed = false;
  #clock: NodeJS.Timeout | null = null;

  static readonly #all = new WeakMap<NativeAddon, FreeMemory>();

  static of(native: NativeAddon): FreeMemory {
    const known = FreeMemory.#all.get(native) ?? new FreeMemory(native);
    FreeMemory.#all.set(native, known);
    return known;
  }

  private constructor(native: NativeAddon) {
    this.#native = native;
  }

  /** For an executor that may use so many bytes of memory, until it calls what this gives. */
  limitTo(memory: number): () => void {
    const own = { bytes: memory };
    this.#memories.add(own);
    this.#limit();
    return () => {
      if (this.#memories.delete(own)) this.#limit();
    };
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#working += 1;
    this.#isUsed = true;
    if (this.#clock === null) {
      this.#clock = setInterval(this.#tick, REST_MS).unref();
      this.#limit();
    }
    try {
      return await work();
    } finally {
      this.#working -= 1;
      this.#isUsed = true;
    }
  }

  readonly #tick = (): void => {
    if (!this.#isUsed && this.#working === 0 && this.#clock !== null) {
      clearInterval(this.#clock);
      this.#clock = null;
    }
    this.#isUsed = false;
    // Again while there is work: another thread of JavaScript may rest meanwhile.
    this.#limit();
  };

  #limit(): void {
    const share = FREE_SHARE * Math.min(...Array.from(this.#memories, ({ bytes }) => bytes));
    const pages = this.#clock === null ? Math.min(MOST_AT_REST, share) : share;
    const none = this.#memories.size === 0;
    void this.#native.limitFreeMemory(none ? MOST_AT_REST : pages, none ? null : share);
  }
}
