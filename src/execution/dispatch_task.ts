// Tasks and devices as the policy sees them.

import { assert, at, ITEMS_A_STEP, type Steps } from "../base/index.ts";
import type { Placement } from "../physical/index.ts";
import { Admission } from "./admission.ts";
import { nodesOf } from "./plan_nodes.ts";
import {
  type DispatchDevice,
  Dispatcher,
  type DispatchTask,
  rankedTasks,
} from "./schedule/index.ts";
import { type Task, type TaskId, taskInputs } from "./task.ts";
import { kernelOf, type TaskCosts } from "./task_costs.ts";
import type { Workplace } from "./workplace.ts";

/** Groups that are priced by themselves: what prices take grows with them. */
const MOST_NODES = 64;

export function* dispatchTasks(
  tasks: readonly Task[],
  turnOf: (task: TaskId) => number,
  workplace: Workplace,
): Steps<DispatchTask[]> {
  const nodes = nodesOf(tasks);
  const isPriced = (nodes.at(-1) ?? 0) < MOST_NODES;
  const placeOf = placesIn(workplace);
  const dispatched: DispatchTask[] = [];
  let [groupNode, groupPlace, group]: [number, Place | null, string] = [-1, null, ""];
  for (const [index, task] of tasks.entries()) {
    if (index % ITEMS_A_STEP === 0) yield;
    const place = placeOf(task);
    const node = at(nodes, index);
    if (node !== groupNode || place !== groupPlace) {
      // Tasks with one price: those of one node of the plan, with the same choice of devices. The same work of another node
      // may have its inputs on a device already, where these have to move.
      const work = isPriced ? node : `${task.operator} ${kernelOf(task)}`;
      [groupNode, groupPlace, group] = [node, place, `${work} ${place.choice}`];
    }
    dispatched.push({
      id: task.id,
      turn: turnOf(task.id),
      inputs: taskInputs(task),
      devices: place.devices,
      fallback: place.fallback,
      kernel: kernelOf(task),
      group,
    });
  }
  return dispatched;
}

/** Where a task may run, of the devices that are open. */
interface Place extends Pick<DispatchTask, "devices" | "fallback"> {
  /** Of all devices that it was meant for. */
  readonly choice: string;
}

/** Tasks of one node share their placement, and one place. */
function placesIn({ executors, host }: Workplace): (task: Task) => Place {
  const nowhere: Place = { devices: [], fallback: [], choice: "" };
  const onHost: Place = { ...nowhere, devices: [host.descriptor.id] };
  const known = new Map<Placement, Place>();
  const open = (ids: readonly string[]) => ids.filter((id) => executors.has(id));
  const placeOf = (placement: Placement): Place => {
    const choice = placement.devices.join();
    const devices = open(placement.devices);
    const fallback = open(placement.fallback);
    assert(devices.length + fallback.length > 0, "a device of the placement is open");
    return devices.length > 0
      ? { devices, fallback, choice }
      : { devices: fallback, fallback: [], choice };
  };
  return (task) => {
    if (!("placement" in task)) return task.kind === "split" ? onHost : nowhere;
    const place = known.get(task.placement) ?? placeOf(task.placement);
    known.set(task.placement, place);
    return place;
  };
}

export function* dispatcherOf(
  tasks: readonly DispatchTask[],
  costs: TaskCosts,
  workplace: Workplace,
): Steps<Dispatcher> {
  const { memory, observations } = workplace;
  const gate = memory === undefined ? null : new Admission(memory, costs);
  const devices = devicesOf(tasks, workplace);
  const ranked = yield* rankedTasks(tasks, costs);
  return new Dispatcher(ranked, devices, costs, gate, observations);
}

/** Those that a task may run on: of the others there is nothing to decide. */
function devicesOf(tasks: readonly DispatchTask[], { queues }: Workplace): DispatchDevice[] {
  const named = new Set<string>();
  let last: readonly string[] = [];
  for (const { devices, fallback } of tasks) {
    // Tasks of one node share them.
    if (devices === last) continue;
    last = devices;
    for (const id of [...devices, ...fallback]) named.add(id);
  }
  const used: DispatchDevice[] = [];
  for (const [id, { capacity }] of queues) if (named.has(id)) used.push({ id, slots: capacity });
  return used;
}
