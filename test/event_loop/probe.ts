// How long the event loop is held up: the longest turn between two callbacks of setImmediate. On Linux by the processor
// time of this thread, which a busy machine does not change; elsewhere by the clock.

import { closeSync, openSync, readSync } from "node:fs";

export interface Turn {
  /** Milliseconds of the turn: of processor time where the system tells it, else of the clock. */
  readonly ms: number;
  /** When it ended, in milliseconds since the start. */
  readonly at: number;
}

export interface Probed<T> {
  readonly value: T;
  /** The longest turns, longest first. */
  readonly turns: readonly Turn[];
}

/** Runs the work and watches the event loop from its first callback to its last. */
export async function probeEventLoop<T>(work: () => Promise<T>): Promise<Probed<T>> {
  using clock = openThreadClock();
  const turns: Turn[] = [];
  const startedAt = performance.now();
  let last = clock.now();
  let running = true;
  const tick = () => {
    const now = clock.now();
    turns.push({ ms: now - last, at: performance.now() - startedAt });
    last = now;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  // The turn that calls `work` counts too.
  const value = await work();
  running = false;
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
  return { value, turns: turns.sort((a, b) => b.ms - a.ms).slice(0, 20) };
}

export interface Clock extends Disposable {
  /** Milliseconds. */
  now(): number;
}

/** Processor time of this thread, where the system tells it. */
export function openThreadClock(): Clock {
  const wall = { now: () => performance.now(), [Symbol.dispose]: () => undefined };
  if (process.platform !== "linux") return wall;
  // "<nanoseconds on a processor> <nanoseconds waiting> <slices>" of the thread whose number is the process's: this one,
  // as long as it is not a worker's.
  let file: number;
  try {
    file = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  } catch {
    return wall;
  }
  const buffer = Buffer.alloc(96);
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    now: () => {
      // The kernel adds up a thread's time when it leaves the processor, else at every tick of 4 ms.
      Atomics.wait(never, 0, 0, 0.01);
      const length = readSync(file, buffer, 0, buffer.length, 0);
      return Number(buffer.toString("latin1", 0, length).split(" ", 1)[0]) / 1e6;
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}
