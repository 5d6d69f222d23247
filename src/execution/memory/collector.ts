// Asks the garbage collector to free what nobody uses. V8 sees the size of ArrayBuffers, but lets tens of MiB of dead ones
// wait, which is much of a small budget.

import { getHeapStatistics, setFlagsFromString } from "node:v8";
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

/** Of the budget, and at least, what JavaScript's heap may grow by before it is collected. */
const HEAP_SHARE = 1 / 8;
const LEAST_HEAP = 48 * 2 ** 20;

/**
 * JavaScript's own heap. Where the machine has room, V8 lets dead objects wait until there are several times as many as living
 * ones, and spilling makes many: each piece of an exchange is some tasks, calls of the file system and promises.
 */
export class HeapWatch {
  readonly #most: number;
  /** In use after the last collection. */
  #living = getHeapStatistics().used_heap_size;

  constructor(budget: number) {
    this.#most = Math.max(LEAST_HEAP, HEAP_SHARE * budget);
  }

  /** To be called now and then. */
  async keepSmall(): Promise<void> {
    if (!this.#isGrown || !mayCollect()) return;
    await collectGarbage(() => !this.#isGrown);
    if (this.#isGrown) this.#living = getHeapStatistics().used_heap_size;
  }

  get #isGrown(): boolean {
    return getHeapStatistics().used_heap_size > this.#living + this.#most;
  }
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
