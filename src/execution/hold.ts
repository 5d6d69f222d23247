// Tasks whose result is there already: it becomes theirs.

import { assert, assertNever, at, DeviceLostError, InvalidArgumentError } from "../base/index.ts";
import type { Partition } from "./partition.ts";
import type { GuardTask, Task } from "./task.ts";
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
  const partition = partitionOf(task, inputs, workplace);
  if (task.kind === "guard") requireEmpty(task, inputs.slice(1));
  if (partition.holder === null) {
    throw new DeviceLostError("the device that held persisted data was lost", {
      hint: "Persist it again.",
    });
  }
  return partition.retain(1);
}

function partitionOf(
  task: Exclude<HoldingTask, { readonly kind: "held" }>,
  inputs: readonly Partition[],
  workplace: Workplace,
): Partition {
  switch (task.kind) {
    case "persisted":
      return workplace.persisted(task.handle, task.partition);
    case "piece":
      return at(at(inputs, 0).pieces, task.part);
    case "guard":
      return at(inputs, 0);
    default:
      return assertNever(task);
  }
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
