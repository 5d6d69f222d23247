// Freed memory waits in the addon to be used again: intermediates of one query are those of the next. The addon is the
// process's, so the executor with the least memory says how much may wait.

import type { NativeAddon } from "./native_addon.ts";

/** Of the memory, for large buffers, and again for what malloc keeps. */
const FREE_SHARE = 1 / 16;
const MOST_FREE_PAGES = 64 * 2 ** 20;

const memories = new Map<NativeAddon, Set<{ readonly bytes: number }>>();

/** For an executor that may use so many bytes of memory, until it calls what this gives. */
export function limitFreeMemory(native: NativeAddon, memory: number): () => void {
  const own = { bytes: memory };
  const all = memories.get(native) ?? new Set();
  memories.set(native, all);
  all.add(own);
  const apply = () => {
    const least = Math.min(...Array.from(all, ({ bytes }) => bytes));
    const share = least * FREE_SHARE;
    native.limitFreeMemory(Math.min(MOST_FREE_PAGES, share), all.size > 0 ? share : null);
  };
  apply();
  return () => {
    if (all.delete(own)) apply();
  };
}
