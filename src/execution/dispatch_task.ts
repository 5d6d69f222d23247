// Tasks and devices as the policy sees them.

import { assert, at } from "../base/index.ts";
import { Admission } from "./admission.ts";
import { type DispatchDevice, Dispatcher, type DispatchTask } from "./schedule/index.ts";
import { type Task, type TaskId, taskInputs } from "./task.ts";
import { kernelOf, type TaskCosts } from "./task_costs.ts";
import type { Workplace } from "./workplace.ts";

/** Groups that are priced by themselves: what prices take grows with them. */
const MOST_NODES = 64;

export function dispatchTasks(
  tasks: readonly Task[],
  turnOf: (task: TaskId) => number,
  workplace: Workplace,
): DispatchTask[] {
  const nodes = nodesOf(tasks);
  const isPriced = (nodes.at(-1) ?? 0) < MOST_NODES;
  return tasks.map((task, index) => {
    // Tasks with one price: those of one node of the plan, with the same choice of devices. The same work of another node
    // may have its inputs on a device already, where these have to move.
    const work = isPriced ? at(nodes, index) : `${task.operator} ${kernelOf(task)}`;
    const choice = "placement" in task ? task.placement.devices.join() : "";
    return dispatchTask(task, turnOf(task.id), `${work} ${choice}`, workplace);
  });
}

/** By task: how many nodes of the plan come before its own. Tasks of a node stand together, by partition. */
function nodesOf(tasks: readonly Task[]): number[] {
  let node = -1;
  let last: Task | null = null;
  return tasks.map((task) => {
    const isNext =
      last !== null &&
      last.kind === task.kind &&
      last.operator === task.operator &&
      last.partition + 1 === task.partition;
    if (!isNext) node += 1;
    last = task;
    return node;
  });
}

function dispatchTask(
  task: Task,
  turn: number,
  group: string,
  { executors, host }: Workplace,
): DispatchTask {
  const kernel = kernelOf(task);
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
