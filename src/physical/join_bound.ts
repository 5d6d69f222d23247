// How many rows one task of a join gives: known when its rows have been matched, before they are made, and to nobody
// earlier. A task that would give too many is refused; then the query is planned again, with that join in more runs.

import type { JoinBound, JoinOperation } from "./operation.ts";

/** No user sees this: execution/attempt.ts plans again. */
export class JoinTooLarge extends Error {
  readonly bound: JoinBound;
  readonly rows: number;
  /** Into more runs than these the task's part of the left side cannot be cut. */
  readonly leftRows: number;

  constructor(bound: JoinBound, rows: number, leftRows: number) {
    super(`a task of a join would give ${rows} rows, and is bound to ${bound.rows}`);
    this.bound = bound;
    this.rows = rows;
    this.leftRows = leftRows;
  }
}

/**
 * Up to how many rows the operation gives; as many as there are on both sides are never too many. So a single left row is never
 * refused, and runs that are halved again and again end there at the latest.
 */
export function mostJoinRows(
  { bound }: JoinOperation,
  leftRows: number,
  rightRows: number,
): number {
  return bound === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(bound.rows, leftRows + rightRows);
}

/** @throws JoinTooLarge */
export function checkJoinRows(
  operation: JoinOperation,
  rows: number,
  leftRows: number,
  rightRows: number,
): void {
  const { bound } = operation;
  if (bound === undefined || rows <= mostJoinRows(operation, leftRows, rightRows)) return;
  throw new JoinTooLarge(bound, rows, leftRows);
}
