// Cancellation: an AbortSignal asks, and whoever works looks.

import { AbortError } from "./errors.ts";

/** @throws AbortError with the signal's reason as its cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

export function abortError(signal: AbortSignal | undefined): AbortError {
  return new AbortError("the query was cancelled", { cause: signal?.reason });
}

/**
 * Work whose result several wait for, each with a signal of its own. It is cancelled when the last of them has given up:
 * one query that is cancelled must not take away what another one waits for.
 */
export class SharedWork<T> {
  readonly #result: Promise<T>;
  readonly #controller = new AbortController();
  #waiting = 0;
  #state: "running" | "done" | "void" = "running";

  /** `start`: begins at once; its signal aborts when nobody waits any more. */
  constructor(start: (signal: AbortSignal) => Promise<T>) {
    this.#result = start(this.#controller.signal);
    this.#result.then(
      () => {
        if (this.#state === "running") this.#state = "done";
      },
      () => {
        this.#state = "void";
      },
    );
  }

  /** False once it has failed or was given up: whoever needs the result then starts anew. */
  get isUsable(): boolean {
    return this.#state !== "void";
  }

  /** Rejects as the work does, or at once with an AbortError when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    this.#waiting += 1;
    if (signal === undefined) return await this.#result;
    let giveUp = () => {};
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => {
        this.#leave();
        reject(abortError(signal));
      };
    });
    signal.addEventListener("abort", giveUp);
    try {
      return await Promise.race([this.#result, aborted]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  #leave(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0 || this.#state !== "running") return;
    this.#state = "void";
    this.#controller.abort();
  }
}
