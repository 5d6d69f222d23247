// What the devices have to do for which nothing has to move: ready tasks whose inputs only one card has. A task that comes
// from elsewhere is not sooner done on a card that has no queue yet, but will have: tasks are dealt out one after the other,
// and those that follow belong there.

import { at } from "../../base/index.ts";
import type { ByDevice, ReadyTask } from "./queues.ts";

/** Tasks that follow count up to so many times less urgent. */
const ABOUT_AS_URGENT = 3;

export class LocalWork {
  readonly #order: readonly ReadyTask[];
  readonly #tolerance: number;
  /** By device, of the tasks from the one that is dealt out to the last one that is about as urgent. */
  readonly #ms: Float64Array;
  #counted = 0;

  /** The most urgent tasks first; `tolerance`: the most that a task loses where it belongs. */
  constructor(order: readonly ReadyTask[], tolerance: number) {
    this.#order = order;
    this.#tolerance = tolerance;
    this.#ms = new Float64Array(order[0]?.compute.length ?? 0);
  }

  /** What follows the task at this place, which is asked for one after the other. */
  after(place: number): ByDevice {
    const { urgency } = at(this.#order, place);
    if (this.#counted > place) this.#add(at(this.#order, place), -1);
    else this.#counted = place + 1;
    while (this.#counted < this.#order.length) {
      const next = at(this.#order, this.#counted);
      if (next.urgency * ABOUT_AS_URGENT < urgency) break;
      this.#add(next, 1);
      this.#counted += 1;
    }
    return this.#ms;
  }

  #add({ departures, compute, factor, loss }: ReadyTask, sign: 1 | -1): void {
    const [only] = departures;
    if (only === undefined || departures.length > 1 || only.isUnderway) return;
    const { device } = only;
    if (!(at(loss, device) <= this.#tolerance)) return;
    this.#ms[device] = at(this.#ms, device) + sign * at(compute, device) * at(factor, device);
  }
}
