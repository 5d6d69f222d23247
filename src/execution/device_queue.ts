// How many tasks a device works on at once. Waiting tasks start in the order in which they came.

export class DeviceQueue {
  readonly capacity: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** How many tasks work at the moment. */
  get running(): number {
    return this.#running;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.capacity) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place passes on to the next one without becoming free in between.
      if (next !== undefined) next();
      else this.#running -= 1;
    }
  }
}
