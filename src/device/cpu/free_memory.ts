// Freed memory of large results waits in the addon to be used again: intermediates of one query are those of the next.
// The addon is the process's, so the executor with the least memory says how much may wait.

import type { NativeAddon } from "./native_addon.ts";

/** Of the memory. */
const FREE_SHARE = 1 / 16;
const MOST_FREE_BYTES = 64 * 2 ** 20;

const limits = new Map<NativeAddon, Set<{ readonly bytes: number }>>();

/** For an executor that may use so many bytes of memory, until it calls what this gives. */
export function limitFreeMemory(native: NativeAddon, memory: number): () => void {
  const own = { bytes: Math.min(MOST_FREE_BYTES, memory * FREE_SHARE) };
  const all = limits.get(native) ?? new Set();
  limits.set(native, all);
  all.add(own);
  const apply = () => {
    native.limitFreeMemory(
      Array.from(all).reduce((least, { bytes }) => Math.min(least, bytes), MOST_FREE_BYTES),
    );
  };
  apply();
  return () => {
    if (all.delete(own)) apply();
  };
}
