// Asks the garbage collector to free what nobody uses. V8 sees the size of ArrayBuffers, but lets tens of MiB of dead ones
// wait, which is much of a small budget.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options?: { readonly type: "minor" }) => void;

/** A full collection takes 5 to 100 ms of the event loop: at most this share of the time. */
const MOST_SHARE = 0.2;

let collect: Collect | null = null;
let mayAgainAt = 0;

/** Has enough time passed since the last collection? */
export function mayCollect(): boolean {
  return performance.now() >= mayAgainAt;
}

/**
 * Young objects first, which takes under a millisecond; everything if `isEnough` is still false. What is freed shows in
 * later turns of the event loop.
 */
export async function collectGarbage(isEnough: () => boolean): Promise<void> {
  collect ??= exposed();
  measured(() => collect?.({ type: "minor" }));
  await turns();
  if (isEnough()) return;
  measured(() => collect?.());
  await turns();
}

function measured(work: () => void): void {
  const startedAt = performance.now();
  work();
  const endedAt = performance.now();
  mayAgainAt = endedAt + (endedAt - startedAt) / MOST_SHARE;
}

/** The function that --expose-gc gives, without starting the process with it. */
function exposed(): Collect {
  setFlagsFromString("--expose-gc");
  const found = runInNewContext("gc") as Collect;
  setFlagsFromString("--no-expose-gc");
  return found;
}

/** Finalizers of buffers run in turns of their own. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
