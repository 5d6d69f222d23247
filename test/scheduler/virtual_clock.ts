// Time that passes only when nothing else can happen: the scheduler's promises run to their end, then the clock jumps to
// the next event. Events of the same time happen in the order in which they were asked for.

import type { Clock } from "../../src/execution/schedule/index.ts";

interface Event {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #events: Event[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const event = { at: this.#now + Math.max(0, ms), order: this.#order++, callback };
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as Event).at > event.at) high = middle;
      else low = middle + 1;
    }
    this.#events.splice(low, 0, event);
    return () => {
      const index = this.#events.indexOf(event);
      if (index >= 0) this.#events.splice(index, 1);
    };
  }

  /** Real time does not show. */
  pause(): null {
    return null;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets time pass until the promise is settled. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    void promise.finally(done).catch(() => undefined);
    for (;;) {
      // A macrotask comes when all promises that can go on have.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (settled) return await promise;
      const next = this.#events.shift();
      if (next === undefined) throw new Error("nothing is left to happen, and nothing is done");
      this.#now = next.at;
      next.callback();
    }
  }
}
