// Cancellation: an AbortSignal asks, and whoever works looks.

import { AbortError } from "./errors.ts";

/** @throws AbortError with the signal's reason as its cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

export function abortError(signal: AbortSignal | undefined): AbortError {
  return new AbortError("the query was cancelled", { cause: signal?.reason });
}

/** Who listens to a signal: the signal itself has one listener, whether one waits or thousands. */
const listeners = new WeakMap<AbortSignal, Set<Listener>>();

interface Listener {
  readonly told: () => void;
}

/**
 * Calls `told` when the signal aborts, unless what it returns was called before. Hundreds of parts and queries wait for one
 * signal at once, where Node.js takes more than ten listeners for a leak and warns.
 */
export function whenAborted(signal: AbortSignal | undefined, told: () => void): () => void {
  if (signal === undefined) return () => {};
  let all = listeners.get(signal);
  if (all === undefined) {
    all = new Set();
    listeners.set(signal, all);
  }
  const own = all;
  if (own.size === 0) signal.addEventListener("abort", tell);
  const listener = { told };
  own.add(listener);
  return () => {
    if (own.delete(listener) && own.size === 0) signal.removeEventListener("abort", tell);
  };
}

function tell(event: Event): void {
  const all = listeners.get(event.target as AbortSignal);
  // Not those that come meanwhile: they see that the signal has aborted.
  for (const listener of Array.from(all ?? [])) if (all?.has(listener)) listener.told();
}

/**
 * Rejects as the work does, or at once with an AbortError when the signal aborts: then the work goes on, and nobody waits
 * for it.
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await work;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const giveUp = () => reject(abortError(signal));
    if (signal.aborted) giveUp();
    else stop = whenAborted(signal, giveUp);
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    stop();
  }
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
    const stop = whenAborted(signal, () => this.#leave());
    try {
      return await unlessAborted(this.#result, signal);
    } finally {
      stop();
    }
  }

  #leave(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0 || this.#state !== "running") return;
    this.#state = "void";
    this.#controller.abort();
  }
}
