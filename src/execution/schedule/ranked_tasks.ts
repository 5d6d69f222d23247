// The tasks of a query before the first one starts: who reads them, and how far it is from each to the end.

import { at, ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import { type Barrier, barriersOf } from "./barriers.ts";
import { Captives } from "./captives.ts";
import type { DispatchTask, Predictor } from "./model.ts";
import { tails } from "./ranks.ts";
import { newTaskState, type TaskState } from "./state.ts";

export interface RankedTasks {
  /** By id. */
  readonly tasks: readonly TaskState[];
  readonly readers: readonly (readonly number[])[];
  readonly tails: Float64Array;
  readonly captives: Captives;
  readonly barriers: readonly Barrier[];
  /** Does any task run on one of several devices? */
  readonly hasChoice: boolean;
}

/** Tasks by id; their ids are their positions, and inputs stand before their readers. */
export function* rankedTasks(
  tasks: readonly DispatchTask[],
  predictor: Predictor,
): Steps<RankedTasks> {
  const states: TaskState[] = [];
  const readers: number[][] = [];
  let hasChoice = false;
  for (const task of tasks) {
    if (task.id % ITEMS_A_STEP === 0) yield;
    states.push(newTaskState(task));
    readers.push([]);
    for (const input of task.inputs) at(readers, input).push(task.id);
    hasChoice ||= task.devices.length > 1;
  }
  return {
    tasks: states,
    readers,
    tails: yield* tails(tasks, readers, predictor),
    // Where no task has a choice of devices, nothing can be left to others.
    captives: yield* Captives.of(hasChoice ? tasks : [], predictor),
    barriers: yield* barriersOf(hasChoice ? tasks : []),
    hasChoice,
  };
}
