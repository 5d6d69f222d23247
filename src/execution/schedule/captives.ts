// What is left of the tasks that only one device can run. One after the other, they are a path: such a device begins with
// them, however short the way from each to the end is, and leaves to others what others can do.

import { ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import type { DeviceId, DispatchTask, Predictor } from "./model.ts";

export class Captives {
  readonly #predictor: Predictor;
  readonly #msLeft = new Map<DeviceId, number>();

  private constructor(predictor: Predictor) {
    this.#predictor = predictor;
  }

  static *of(tasks: readonly DispatchTask[], predictor: Predictor): Steps<Captives> {
    const captives = new Captives(predictor);
    for (const task of tasks) {
      if (task.id % ITEMS_A_STEP === 0) yield;
      captives.#add(task, 1);
    }
    return captives;
  }

  done(task: DispatchTask): void {
    if (this.#msLeft.size > 0) this.#add(task, -1);
  }

  /** Zero where another device can run the task. */
  msLeft({ devices }: DispatchTask): number {
    const [device] = devices;
    return device === undefined || devices.length > 1 ? 0 : (this.#msLeft.get(device) ?? 0);
  }

  #add({ id, devices }: DispatchTask, count: 1 | -1): void {
    const [device] = devices;
    if (device === undefined || devices.length > 1) return;
    const ms = count * this.#predictor.computeMs(id, device);
    this.#msLeft.set(device, Math.max(0, (this.#msLeft.get(device) ?? 0) + ms));
  }
}
