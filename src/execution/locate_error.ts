// What a device says of a failure is a row of one partition and a column's position; what the user reads is the row of
// the whole input, the operator and the column's name.

import {
  CastError,
  DataFrameError,
  type ErrorDetails,
  IntegerOverflowError,
} from "../base/index.ts";
import type { Task } from "./task.ts";

/** The error with its operator and its row in the operator's whole input. `rowsBefore`: rows of earlier partitions. */
export function locateError(error: unknown, task: Task, rowsBefore: number): unknown {
  if (!(error instanceof DataFrameError) || error.operator !== undefined) return error;
  const row = error.row === undefined ? undefined : error.row + rowsBefore;
  const details: ErrorDetails = {
    operator: task.operator,
    cause: error,
    ...(row === undefined ? {} : { row }),
    ...(error.column === undefined ? {} : { column: error.column }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
  const where = row === undefined ? "" : ` at row ${row}`;
  const message = `${task.operator}: ${error.summary}${where}`;
  if (error instanceof IntegerOverflowError) return new IntegerOverflowError(message, details);
  if (error instanceof CastError) return new CastError(message, details);
  return error;
}
