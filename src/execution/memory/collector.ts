// Asks the garbage collector to free what nobody uses. V8 sees the size of ArrayBuffers, but lets tens of MiB of dead ones
// wait, which is much of a small budget.

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options?: { readonly type: "minor" }) => void;

/** A collection takes the event loop 5 to 50 ms in all: at most this share of the time. */
const MOST_SHARE = 0.2;
/** Of the time from when marking is asked for to its end, what is taken to be the collector's. */
const OWN_SHARE = 0.4;
/** What V8 lets hang on its objects, beyond what hung on them last, before it marks (kExternalAllocationSoftLimit). */
const V8_LIMIT = 64 * 2 ** 20;
/** Marking that has not ended by then is not waited for: everything is collected at once. */
const PATIENCE_MS = 1000;

let collect: Collect | null = null;
let mayAgainAt = 0;
let marking: Promise<void> | null = null;
/** Its registry: one that is dead itself calls nobody. */
let ends: FinalizationRegistry<null> | null = null;

/** Has enough time passed since the last collection? */
export function mayCollect(): boolean {
  return marking === null && performance.now() >= mayAgainAt;
}

/**
 * Young objects first, which takes a millisecond or two; everything if `isEnough` is still false. What is freed shows in
 * later turns of the event loop.
 */
export async function collectGarbage(isEnough: () => boolean): Promise<void> {
  collect ??= exposed();
  measured(() => collect?.({ type: "minor" }));
  await turns();
  if (isEnough()) return;
  marking ??= collectInSteps().finally(() => {
    marking = null;
  });
  await marking;
  await turns();
}

/** A collection as V8 makes them by itself: other threads mark, and this one in steps. `gc()` does all of it at once. */
async function collectInSteps(): Promise<void> {
  const startedAt = performance.now();
  const ended = endOfMarking();
  askToMark();
  const isEnded = await ended;
  spend(OWN_SHARE * (performance.now() - startedAt));
  if (!isEnded) measured(() => collect?.());
}

/** V8 marks when much more hangs on its objects: a buffer that nobody touches takes addresses, and no memory. */
function askToMark(): void {
  try {
    void new ArrayBuffer(V8_LIMIT + 1);
  } catch {
    // Where addresses are limited, everything is collected at once, PATIENCE_MS later.
  }
}

/** Until what was dead has been found; false: that took too long. */
function endOfMarking(): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE_MS);
    // What a registry follows only marking collects, however young it is.
    ends = new FinalizationRegistry(() => {
      clearTimeout(timer);
      resolve(true);
    });
    ends.register({}, null);
  });
}

/** Of the budget, and at least, what JavaScript's heap may grow by before it is collected. */
const HEAP_SHARE = 1 / 8;
const LEAST_HEAP = 32 * 2 ** 20;

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
  spend(performance.now() - startedAt);
}

function spend(ms: number): void {
  mayAgainAt = performance.now() + ms / MOST_SHARE;
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
