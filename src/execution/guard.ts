// Guards: partitions that are only handed on once other partitions have turned out to be empty.

import { at, InvalidArgumentError } from "../base/index.ts";
import type { Partition } from "./partition.ts";
import type { GuardTask } from "./task.ts";

/** @throws InvalidArgumentError with the message of the first check that found something. */
export function requireEmpty(task: GuardTask, checks: readonly Partition[]): void {
  const failed = task.checks.find((_, index) => at(checks, index).rowCount > 0);
  if (failed === undefined) return;
  throw new InvalidArgumentError(failed.message, {
    operator: task.operator,
    hint: "Deduplicate that side with distinct(), or validate less.",
  });
}
