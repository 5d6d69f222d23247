// What the user reads of a failed task.

import { locateError } from "./locate_error.ts";
import { partOverflow } from "./part_overflow.ts";
import type { Task, TaskId } from "./task.ts";

/** The error with the row of the operator's whole input. `rowsIn`: rows that a task before it has read. */
export function locateFailure(
  error: unknown,
  task: Task,
  rowsIn: (task: TaskId) => number,
): unknown {
  const overflow = partOverflow(error, task);
  if (overflow !== null) return overflow;
  const earlier = task.kind === "operation" ? task.siblings.slice(0, task.partition) : [];
  const rowsBefore = earlier.reduce((rows, other) => rows + rowsIn(other), 0);
  return locateError(error, task, rowsBefore);
}
