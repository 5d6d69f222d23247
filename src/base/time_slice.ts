// Long work on the event loop gives way to others: timers, sockets, what other queries have finished.

const SLICE_MS = 2;

/** Work in slices: ask `isOver` between steps, and await `next()` when it is. */
export class TimeSlice {
  #end = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets the event loop turn once. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#end = performance.now() + SLICE_MS;
  }

  /** next(), if the slice is over. */
  async pause(): Promise<void> {
    if (this.isOver) await this.next();
  }
}
