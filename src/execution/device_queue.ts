// How many tasks a device works on at once, of all queries of a session. Queries take turns: each waiting one gets a place
// before any of them gets a second one, however many tasks it has waiting. Tasks of one query keep their order.

import { abortError, whenAborted } from "../base/index.ts";

/** Whose task it is: compared by identity. */
export type QueryKey = object;

export class DeviceQueue {
  readonly capacity: number;
  #running = 0;
  /** Tasks by query, running and waiting. */
  readonly #tasks = new Map<QueryKey, number>();
  /** Waiting tasks by query; the query whose turn it is comes first, and every one has some. */
  readonly #waiting = new Map<QueryKey, (() => void)[]>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** How many tasks work at the moment. */
  get running(): number {
    return this.#running;
  }

  /** Other queries with tasks here, that this one shares the device with. */
  others(query: QueryKey): number {
    return this.#tasks.size - (this.#tasks.has(query) ? 1 : 0);
  }

  /** @throws AbortError if the signal aborts before the work's turn has come. */
  async run<T>(query: QueryKey, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#tasks.set(query, (this.#tasks.get(query) ?? 0) + 1);
    try {
      if (this.#running >= this.capacity) await this.#turnOf(query, signal);
      else this.#running += 1;
      try {
        return await work();
      } finally {
        this.#passOn();
      }
    } finally {
      const left = (this.#tasks.get(query) ?? 1) - 1;
      if (left === 0) this.#tasks.delete(query);
      else this.#tasks.set(query, left);
    }
  }

  #turnOf(query: QueryKey, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const leave = () => {
        const waiting = this.#waiting.get(query) ?? [];
        waiting.splice(waiting.indexOf(start), 1);
        if (waiting.length === 0) this.#waiting.delete(query);
        stop();
        reject(abortError(signal));
      };
      const start = () => {
        stop();
        resolve();
      };
      const waiting = this.#waiting.get(query);
      if (waiting === undefined) this.#waiting.set(query, [start]);
      else waiting.push(start);
      const stop = whenAborted(signal, leave);
      if (signal?.aborted) leave();
    });
  }

  /** The place passes on to the next one without becoming free in between. */
  #passOn(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#running -= 1;
      return;
    }
    const [query, waiting] = first;
    const next = waiting.shift();
    this.#waiting.delete(query);
    // Behind all others that wait.
    if (waiting.length > 0) this.#waiting.set(query, waiting);
    next?.();
  }
}
