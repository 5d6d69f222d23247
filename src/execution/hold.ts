// Tasks whose result is there already: it becomes theirs.

import { assert, at, DeviceLostError, InvalidArgumentError } from "../base/index.ts";
import { ChosenColumns } from "./chosen_columns.ts";
import type { Partition } from "./partition.ts";
import type { GuardTask, PersistedTask, Task } from "./task.ts";
import type { HoldingTask } from "./task_run.ts";
import type { Workplace } from "./workplace.ts";

export function isHolding(task: Task): task is HoldingTask {
  const { kind } = task;
  return kind === "persisted" || kind === "held" || kind === "piece" || kind === "guard";
}

/** The caller releases it once. `inputs`: one a taskInputs. */
export function holdPartition(
  task: HoldingTask,
  inputs: readonly Partition[],
  workplace: Workplace,
): Partition {
  if (task.kind === "held") {
    const held = workplace.held?.(task);
    assert(held !== undefined, "stages hold what they read");
    return held.isLast ? held.partition : held.partition.retain(1);
  }
  if (task.kind === "persisted") return persistedPartition(task, workplace);
  if (task.kind === "piece") return at(at(inputs, 0).pieces, task.part).retain(1);
  requireEmpty(task, inputs.slice(1));
  return at(inputs, 0).retain(1);
}

function persistedPartition(
  { handle, partition, columns }: PersistedTask,
  workplace: Workplace,
): Partition {
  const stored = workplace.persisted(handle, partition);
  if (stored.holder === null) {
    throw new DeviceLostError("the device that held persisted data was lost", {
      hint: "Persist it again.",
    });
  }
  stored.retain(1);
  return columns === null ? stored : new ChosenColumns(stored, columns, workplace.memory ?? null);
}

/** @throws InvalidArgumentError with the message of the first check that found something. */
function requireEmpty(task: GuardTask, checks: readonly Partition[]): void {
  const failed = task.checks.find((_, index) => at(checks, index).rowCount > 0);
  if (failed === undefined) return;
  throw new InvalidArgumentError(failed.message, {
    operator: task.operator,
    hint: "Deduplicate that side with distinct(), or validate less.",
  });
}
