// Long work on the event loop gives way to others: timers, sockets, what other queries have finished.

const SLICE_MS = 2;

// Asked for here and not in a slice: the runtime loads its clock when it is first named, which takes milliseconds.
const clock = performance;

/** Who waits for a turn, first come first served: however many queries work in slices, a turn has one of each. */
const waiting: (() => void)[] = [];

function turn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(turn);
}

/** Work in slices: ask `isOver` between steps, and await `next()` when it is. */
export class TimeSlice {
  #end = clock.now() + SLICE_MS;

  get isOver(): boolean {
    return clock.now() >= this.#end;
  }

  /** Lets the event loop turn once. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(turn);
    });
    this.#end = clock.now() + SLICE_MS;
  }

  /** next(), if the slice is over. */
  async pause(): Promise<void> {
    if (this.isOver) await this.next();
  }
}

/** Work that may be interrupted at every `yield`; between two of them it takes a fraction of a slice, whatever the input. */
export type Steps<T> = Generator<void, T, void>;

/** The result, without a pause: for what is synchronous by name. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The result; the event loop turns whenever a slice is over. */
export async function inSlices<T>(steps: Steps<T>, slice = new TimeSlice()): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (slice.isOver) await slice.next();
  }
}
