// Tasks and devices as the policy sees them.

import { assert } from "../base/index.ts";
import { Admission } from "./admission.ts";
import { type DispatchDevice, Dispatcher, type DispatchTask } from "./schedule/index.ts";
import { type Task, taskInputs } from "./task.ts";
import { kernelOf, type TaskCosts } from "./task_costs.ts";
import type { Workplace } from "./workplace.ts";

export function dispatchTask(
  task: Task,
  turn: number,
  { executors, host }: Workplace,
): DispatchTask {
  const kernel = kernelOf(task);
  // Tasks with one price: the same work with the same choice of devices.
  const choice = "placement" in task ? task.placement.devices.join() : "";
  const group = `${task.operator} ${kernel} ${choice}`;
  const base = { id: task.id, turn, inputs: taskInputs(task), kernel, group };
  const open = (ids: readonly string[]) => ids.filter((id) => executors.has(id));
  switch (task.kind) {
    case "batch":
    case "persisted":
    case "held":
    case "piece":
    case "guard":
      return { ...base, devices: [], fallback: [] };
    case "split":
      return { ...base, devices: [host.descriptor.id], fallback: [] };
    default: {
      const devices = open(task.placement.devices);
      const fallback = open(task.placement.fallback);
      assert(devices.length + fallback.length > 0, "a device of the placement is open");
      return devices.length > 0
        ? { ...base, devices, fallback }
        : { ...base, devices: fallback, fallback: [] };
    }
  }
}

export function dispatcherOf(
  tasks: readonly DispatchTask[],
  costs: TaskCosts,
  workplace: Workplace,
): Dispatcher {
  const { memory, observations } = workplace;
  const gate = memory === undefined ? null : new Admission(memory, costs);
  return new Dispatcher(tasks, devicesOf(tasks, workplace), costs, gate, observations);
}

/** Those that a task may run on: of the others there is nothing to decide. */
function devicesOf(tasks: readonly DispatchTask[], { queues }: Workplace): DispatchDevice[] {
  const named = new Set<string>();
  for (const { devices, fallback } of tasks) {
    for (const id of devices) named.add(id);
    for (const id of fallback) named.add(id);
  }
  const used: DispatchDevice[] = [];
  for (const [id, { capacity }] of queues) if (named.has(id)) used.push({ id, slots: capacity });
  return used;
}
