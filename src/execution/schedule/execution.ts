// One run of a task on a device, and when it is expected to be over.

import type { Launch, MemoryClaim } from "./model.ts";

export interface Execution {
  readonly launch: Launch;
  readonly startedAt: number;
  arrivedAt: number | null;
  computeStartedAt: number | null;
  /** When it was expected to be over as it started, with what was before it on its device. */
  readonly expectedAt: number;
  readonly transferMs: number;
  /** When its inputs were expected to be in place as it started. */
  readonly arrivesAt: number;
  /** To be called when they have left where they were. */
  readonly left: readonly ((now: number) => void)[];
  readonly computeMs: number;
  /** What it brings of use to other tasks. */
  readonly shared: number | null;
  /** Null for bookkeeping, and where nobody counts memory. */
  readonly claim: MemoryClaim | null;
}

/** Nothing has come of it yet. */
export function newExecution(
  launch: Omit<Launch, "predictedMs">,
  run: Omit<Execution, "launch" | "arrivedAt" | "computeStartedAt">,
): Execution {
  const { startedAt, transferMs, computeMs } = run;
  return {
    ...run,
    launch: { ...launch, predictedMs: computeMs + transferMs },
    arrivedAt: transferMs > 0 ? null : startedAt,
    computeStartedAt: null,
  };
}

export function arrivalOf({ arrivedAt, arrivesAt }: Execution, now: number): number {
  return arrivedAt ?? Math.max(now, arrivesAt);
}

/** A task that takes longer than predicted is expected to overrun by as much again. */
function remainingMs({ computeStartedAt, computeMs }: Execution, now: number): number {
  if (computeStartedAt === null) return computeMs;
  return Math.abs(computeMs - (now - computeStartedAt));
}

/** `freeAt`: when its device is done with what is before it; `pace`: how many times as long as alone it computes. */
export function endBehind(execution: Execution, freeAt: number, pace: number, now: number): number {
  const end = Math.max(freeAt, arrivalOf(execution, now)) + remainingMs(execution, now) * pace;
  return Math.max(end, overdueEnd(execution, now));
}

export function endOf(execution: Execution, queueEnd: number, now: number): number {
  if (execution.computeStartedAt === null) return queueEnd;
  return Math.max(now + remainingMs(execution, now), overdueEnd(execution, now));
}

/** Whatever holds it up, its link, another query's task or a driver, is expected to do so for as long again. */
function overdueEnd({ expectedAt }: Execution, now: number): number {
  return now + (now - expectedAt);
}
