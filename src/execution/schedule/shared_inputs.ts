// What many tasks read, a broadcast: it moves to a device once, for all of them. Counted again for each, a device that has not
// got it yet would look as if its link were the scarcest thing there is.

import { at } from "../../base/index.ts";
import type { DeviceId, DispatchTask, Predictor } from "./model.ts";
import type { SharedInput } from "./queues.ts";

/** What more tasks read is shared, and a task with more inputs gathers: others seldom read them elsewhere. */
const MOST = 4;

export class SharedInputs {
  readonly #readers: readonly (readonly number[])[];
  readonly #ids: readonly DeviceId[];
  readonly #predictor: Pick<Predictor, "moveMs" | "comingMs">;

  constructor(
    readers: readonly (readonly number[])[],
    ids: readonly DeviceId[],
    predictor: Pick<Predictor, "moveMs" | "comingMs">,
  ) {
    this.#readers = readers;
    this.#ids = ids;
    this.#predictor = predictor;
  }

  /** Null: there is none beside another input. */
  idOf({ inputs }: DispatchTask): number | null {
    if (inputs.length < 2 || inputs.length > MOST || this.#ids.length < 2) return null;
    return inputs.find((input) => at(this.#readers, input).length > MOST) ?? null;
  }

  of(task: DispatchTask): SharedInput | null {
    const id = this.idOf(task);
    if (id === null) return null;
    const shared = { id, ms: new Float64Array(this.#ids.length) };
    this.predict(shared);
    return shared;
  }

  /** By where it is now. */
  predict({ id, ms }: SharedInput): void {
    for (const [index, device] of this.#ids.entries())
      ms[index] = this.#predictor.moveMs(id, device);
  }

  /** As predicted, where all readers of a shared input move an equal part of it. */
  comingMs(task: DispatchTask, device: DeviceId): number {
    const all = this.#predictor.comingMs(task.id, device);
    const id = this.idOf(task);
    if (id === null) return all;
    const forOthers = 1 - 1 / at(this.#readers, id).length;
    return Math.max(0, all - forOthers * this.#predictor.moveMs(id, device));
  }
}
