// What the addon still does and holds.

import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { NativeAddon } from "../../src/device/cpu/index.ts";

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Waits for every call of the addon, those that nobody waits for included. */
export async function allEnd(native: NativeAddon): Promise<void> {
  while (native.usage().jobs > 0) await turn();
}

/** Bytes of results that are still reachable. Collected until nothing more goes: finalizers run in later turns. */
export async function heldBytes(native: NativeAddon): Promise<number> {
  let held = Number.POSITIVE_INFINITY;
  for (let quiet = 0; quiet < 3; ) {
    collectGarbage();
    await turn();
    const { bufferBytes } = native.usage();
    quiet = bufferBytes < held ? 0 : quiet + 1;
    held = Math.min(held, bufferBytes);
  }
  return held;
}
