// One run of a task on a device, and when it is expected to be over.

import type { Launch, MemoryClaim } from "./model.ts";

export interface Execution {
  readonly launch: Launch;
  readonly startedAt: number;
  arrivedAt: number | null;
  computeStartedAt: number | null;
  readonly transferMs: number;
  readonly computeMs: number;
  /** Null for bookkeeping, and where nobody counts memory. */
  readonly claim: MemoryClaim | null;
}

export function arrivalOf({ startedAt, arrivedAt, transferMs }: Execution, now: number): number {
  return arrivedAt ?? Math.max(now, startedAt + transferMs);
}

/** A task that takes longer than predicted is expected to overrun by as much again. */
export function remainingMs({ computeStartedAt, computeMs }: Execution, now: number): number {
  if (computeStartedAt === null) return computeMs;
  return Math.abs(computeMs - (now - computeStartedAt));
}

export function endOf(execution: Execution, queueEnd: number, now: number): number {
  return execution.computeStartedAt === null ? queueEnd : now + remainingMs(execution, now);
}
