// After a loss: from its moment on, with what is left, no scheduler ends sooner. What had been done and was not made again
// survived, and counts as being everywhere, and so does what was made again though a reader on another device may have had
// a copy: others need not wait for it. What computed on other devices had begun.

import { type Task, type TaskId, taskInputs } from "../../src/execution/task.ts";
import { lowerBound } from "./lower_bound.ts";
import type { DeviceModel } from "./machines.ts";
import type { Simulation } from "./simulate.ts";
import type { Workload } from "./workloads.ts";

export function boundAfterLoss(
  { graph, persisted }: Workload,
  machine: readonly DeviceModel[],
  { reports, sizes }: Simulation,
  lost: string,
  at: number,
): number {
  const survivors = machine.filter(({ id }) => id !== lost);
  const everywhere = survivors.map(({ id }) => id);
  const copied = new Set<TaskId>();
  for (const { task, device, endedAt, ms } of reports) {
    if (device === lost || endedAt - ms > at) continue;
    for (const input of taskInputs(graph.tasks[task] as Task)) copied.add(input);
  }
  const done = new Map<TaskId, readonly string[]>();
  const begun = new Map<TaskId, { device: string; ms: number }>();
  for (const task of graph.tasks) {
    if (task.kind === "batch" || task.kind === "persisted") continue;
    const own = reports.filter((report) => report.task === task.id);
    const before = own.some(({ endedAt }) => endedAt <= at);
    const again = own.some(({ endedAt }) => endedAt > at);
    if (before && (!again || copied.has(task.id))) done.set(task.id, everywhere);
  }
  for (const report of reports) {
    const { endedAt, ms, computeMs, device, task } = report;
    const startedAt = endedAt - ms;
    if (device === lost || done.has(task) || !(startedAt <= at && at < endedAt)) continue;
    begun.set(task, { device, ms: Math.max(1e-9, at - (endedAt - computeMs)) });
  }
  const homes = persisted.map(({ device }) => device);
  return at + lowerBound({ graph, machine: survivors, sizes, homes, done, begun });
}
