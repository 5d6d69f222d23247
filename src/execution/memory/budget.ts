// Budgets and their thresholds. README.md says what happens at each.

import { totalmem } from "node:os";

/** Shares of a budget. */
export const TARGET = 0.6;
export const SPILL = 0.7;
export const PAUSE = 0.8;
export const FAIL = 0.95;

/** Of what the process may have, by default. */
const DEFAULT_SHARE = 0.8;
/** Of the budget, what one task may take: the CPU works on two tasks at once, and results wait for their readers. */
const TASK_SHARE = 0.25;

/** Bytes of host memory that a session may hold. */
export function hostBudget(hostMemory: number | null): number {
  if (hostMemory !== null) return hostMemory;
  // Inside a container, its limit. Without one, zero or more than there is.
  const constrained = process.constrainedMemory?.() ?? 0;
  const all = totalmem();
  return Math.floor(DEFAULT_SHARE * (constrained > 0 ? Math.min(constrained, all) : all));
}

/** What the planner may plan one task with. */
export function taskShare(budget: number): number {
  return TASK_SHARE * budget;
}
