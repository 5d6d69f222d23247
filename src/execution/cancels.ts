// Runs of tasks that can be cancelled one by one: a query ends, a task failed before them, another run was faster.

import { AbortError } from "../base/index.ts";
import type { Execution } from "./schedule/index.ts";

export class Cancels {
  readonly #running = new Map<Execution, AbortController>();

  /** `work` with a signal of its own, as long as it runs. */
  async during<T>(execution: Execution, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#running.set(execution, controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#running.delete(execution);
    }
  }

  abort(isUnwanted: (execution: Execution) => boolean, reason: unknown): void {
    for (const [execution, controller] of Array.from(this.#running)) {
      if (isUnwanted(execution)) controller.abort(reason);
    }
  }
}

/**
 * Is it how a cancelled run ends? That says nothing of its task: of a run that was slower than another one, not even where
 * the other one's result is lost by then.
 */
export function isCancelled(error: unknown): boolean {
  return error instanceof AbortError;
}
