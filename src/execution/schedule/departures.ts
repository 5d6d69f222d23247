// What leaves the devices: how long each one's link down is busy. It serves one reader after the other, whichever device
// they are on, so that a queue for it is not seen by looking at the readers' own links.

import { at } from "../../base/index.ts";
import type { Departure, DeviceId } from "./model.ts";
import type { TaskDeparture } from "./queues.ts";

interface Leaving {
  readonly ms: number;
}

/** One device's link, in the order in which it was asked. */
export class Departures {
  readonly #leaving: Leaving[] = [];
  /** Since when the first one is under way. */
  #since = 0;

  /** Returns what is to be called when the bytes have left, or will not. */
  add(ms: number, now: number): (now: number) => void {
    const own: Leaving = { ms };
    if (this.#leaving.length === 0) this.#since = now;
    this.#leaving.push(own);
    return (then) => {
      const index = this.#leaving.indexOf(own);
      if (index < 0) return;
      this.#leaving.splice(index, 1);
      if (index === 0) this.#since = then;
    };
  }

  /** When the link is free; in the past where it has been. */
  freeAt(now: number): number {
    if (this.#leaving.length === 0) return now;
    const first = Math.max(now, this.#since + at(this.#leaving, 0).ms);
    return this.#leaving.slice(1).reduce((end, { ms }) => end + ms, first);
  }
}

/** What a task has to have from each device, under way or not, added up. */
export function departuresByDevice(
  departures: readonly Departure[],
  ids: readonly DeviceId[],
): TaskDeparture[] {
  const found: TaskDeparture[] = [];
  for (const { device, ms, isUnderway } of departures) {
    const index = ids.indexOf(device);
    if (index < 0) continue;
    const known = found.findIndex((own) => own.device === index && own.isUnderway === isUnderway);
    if (known < 0) found.push({ device: index, ms, isUnderway });
    else found[known] = { device: index, ms: at(found, known).ms + ms, isUnderway };
  }
  return found;
}
