// Calls of the addon that a signal cancels.

import { abortError, throwIfAborted, whenAborted } from "../../base/index.ts";
import type { NativeAddon, NativeRun } from "./native_addon.ts";

/**
 * Runs `calls`. Once the signal aborts, kernels that get the run end within some milliseconds and free what they hold.
 * @throws AbortError then, with the signal's reason.
 */
export async function withRun<T>(
  native: NativeAddon,
  threads: number,
  signal: AbortSignal | undefined,
  calls: (run: NativeRun) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const run = native.newRun(threads);
  if (signal === undefined) return await calls(run);
  const stop = whenAborted(signal, () => native.cancelRun(run));
  try {
    const result = await calls(run);
    throwIfAborted(signal);
    return result;
  } catch (error) {
    throw isCancelled(error) ? abortError(signal) : error;
  } finally {
    stop();
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "CANCELLED";
}
