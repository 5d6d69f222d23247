// What profile() tells of a task.

import type { DeviceWork, KernelRun } from "../device/index.ts";
import type { LaunchReason } from "./schedule/index.ts";
import type { TaskId } from "./task.ts";
import type { RunnableTask, TaskRunResult } from "./task_run.ts";

/** What a GPU did for a task. */
export interface TaskWork extends DeviceWork {
  /** The shaders that ran, with their WGSL. */
  readonly kernels: readonly KernelRun[];
}

export interface TaskReport {
  readonly task: TaskId;
  readonly operator: string;
  readonly operation: string;
  readonly partition: number;
  readonly device: string;
  /**
   * Why there: "planned" for it, "stolen" by an idle device, "retry" after a failure elsewhere, or "duplicate": run a
   * second time because the first run held up the end; the first result counts.
   */
  readonly reason: LaunchReason;
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** From ready to started: all devices had more urgent work. */
  readonly waitMs: number;
  /** From started to done: moving its inputs there, its turn on the device, computing. */
  readonly ms: number;
  /** The last part of `ms`. */
  readonly computeMs: number;
  /** What the scheduler expected `ms` to be. */
  readonly predictedMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly bytesUploaded: number;
  readonly bytesDownloaded: number;
  /** What a GPU did for it; null on hosts. */
  readonly work: TaskWork | null;
  /** How often it failed on other devices before. */
  readonly retries: number;
}

export interface TaskTimes {
  readonly readyAt: number;
  readonly startedAt: number;
  readonly computeStartedAt: number;
  readonly endedAt: number;
}

export function taskReport(
  task: RunnableTask,
  rowsIn: number,
  launch: Pick<TaskReport, "device" | "reason" | "retries" | "predictedMs">,
  times: TaskTimes,
  { partition, bytesIn, traffic, work }: TaskRunResult,
): TaskReport {
  const { device, reason, retries, predictedMs } = launch;
  return {
    task: task.id,
    operator: task.operator,
    operation: task.kind === "operation" ? task.operation.kind : task.kind,
    partition: task.partition,
    device,
    reason,
    rowsIn,
    rowsOut: partition.rowCount,
    // What is there already becomes its readers' input in the middle of the decision that starts them.
    waitMs: Math.max(0, times.startedAt - times.readyAt),
    ms: times.endedAt - times.startedAt,
    computeMs: times.endedAt - times.computeStartedAt,
    predictedMs,
    bytesIn,
    bytesOut: partition.byteLength,
    bytesUploaded: traffic.uploaded,
    bytesDownloaded: traffic.downloaded,
    work,
    retries,
  };
}
