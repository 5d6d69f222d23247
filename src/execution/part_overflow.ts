// A group's sum that overflows is told with the group's first row. A task that merges states, or reads rows that were dealt
// out, does not know it: then the query starts over with whole aggregates, which do.

import { IntegerOverflowError } from "../base/index.ts";
import { locateError } from "./locate_error.ts";
import type { Task } from "./task.ts";

/** No user sees this: attempt.ts plans again. */
export class PartOverflow extends Error {
  /** What is to be said where whole aggregates take more memory than there is: without a row. */
  readonly error: unknown;

  constructor(error: unknown) {
    super("a sum overflows in a part of an aggregate");
    this.error = error;
  }
}

/** Null where the row that the error names is one of the user's. Without keys there is one group, whose first row is 0. */
export function partOverflow(error: unknown, task: Task): PartOverflow | null {
  if (!(error instanceof IntegerOverflowError) || task.kind !== "operation") return null;
  const { operation } = task;
  if (operation.kind !== "aggregate" || !operation.isPart || operation.keys.length === 0)
    return null;
  const details = error.hint === undefined ? {} : { hint: error.hint };
  const rowless = new IntegerOverflowError(error.summary, { cause: error, ...details });
  return new PartOverflow(locateError(rowless, task, 0));
}
