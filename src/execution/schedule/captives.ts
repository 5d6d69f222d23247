// What is left of the tasks that only one device can run. One after the other, they are a path: such a device begins with
// them, however short the way from each to the end is, and leaves to others what others can do.

import { ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import type { DeviceId, DispatchTask, Predictor } from "./model.ts";

/** What takes so many times less than the others delays none of them. */
const BRIEF = 20;

interface Left {
  ms: number;
  tasks: number;
}

export class Captives {
  readonly #predictor: Pick<Predictor, "computeMs">;
  readonly #left = new Map<DeviceId, Left>();

  private constructor(predictor: Pick<Predictor, "computeMs">) {
    this.#predictor = predictor;
  }

  static *of(
    tasks: readonly DispatchTask[],
    predictor: Pick<Predictor, "computeMs">,
  ): Steps<Captives> {
    const captives = new Captives(predictor);
    for (const task of tasks) {
      if (task.id % ITEMS_A_STEP === 0) yield;
      captives.#add(task, 1);
    }
    return captives;
  }

  done(task: DispatchTask): void {
    if (this.#left.size > 0) this.#add(task, -1);
  }

  /** All that is left of them, where only one device can run the task; more than that where it is brief, and first. */
  urgency({ id, devices }: DispatchTask): number {
    const [device] = devices;
    const left = device === undefined || devices.length > 1 ? undefined : this.#left.get(device);
    if (device === undefined || left === undefined) return 0;
    const isBrief = this.#predictor.computeMs(id, device) * left.tasks * BRIEF < left.ms;
    return isBrief ? 2 * left.ms : left.ms;
  }

  #add({ id, devices }: DispatchTask, count: 1 | -1): void {
    const [device] = devices;
    if (device === undefined || devices.length > 1) return;
    const left = this.#left.get(device) ?? { ms: 0, tasks: 0 };
    this.#left.set(device, left);
    left.ms = Math.max(0, left.ms + count * this.#predictor.computeMs(id, device));
    left.tasks += count;
  }
}
