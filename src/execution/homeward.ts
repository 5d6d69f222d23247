// Results on their way to the host, where other tasks read them. A card's link serves one after the other: the most urgent one
// goes first, so those that would have to wait have not asked for it yet.

import type { Partition } from "./partition.ts";
import type { Departure } from "./schedule/index.ts";
import type { Workplace } from "./workplace.ts";

/** So many of a card's results are under way at once, and more while they are small. */
const AT_ONCE = 2;
const SMALL_MS = 2;

interface Waiting {
  readonly partition: Partition;
  readonly urgency: number;
  readonly ms: number;
  readonly onEnd: (hasCome: boolean) => void;
}

type Place = Pick<Workplace, "host" | "lingers" | "traffic">;

/** What one card sends. */
interface Lane {
  /** The most urgent one first. */
  readonly waiting: Waiting[];
  underway: number;
  ms: number;
}

export class Homeward {
  readonly #workplace: Place;
  readonly #lanes = new Map<string, Lane>();

  constructor(workplace: Place) {
    this.#workplace = workplace;
  }

  /** Holds the partition until it has come, or will not. */
  add(
    partition: Partition,
    departure: Departure | null,
    urgency: number,
    onEnd: (hasCome: boolean) => void,
  ): void {
    partition.retain(1);
    const { device, ms } = departure ?? { device: "", ms: 0 };
    const lane = this.#lanes.get(device) ?? { waiting: [], underway: 0, ms: 0 };
    this.#lanes.set(device, lane);
    const behind = lane.waiting.findIndex((other) => other.urgency < urgency);
    const place = behind < 0 ? lane.waiting.length : behind;
    lane.waiting.splice(place, 0, { partition, urgency, ms, onEnd });
    this.#start(lane);
  }

  /** What has not asked for its link yet does not any more. */
  async clear(): Promise<void> {
    for (const { waiting } of this.#lanes.values()) {
      for (const { partition } of waiting.splice(0)) await partition.release();
    }
  }

  #start(lane: Lane): void {
    while (lane.underway < AT_ONCE || lane.ms < SMALL_MS) {
      const next = lane.waiting.shift();
      if (next === undefined) return;
      lane.underway += 1;
      lane.ms += next.ms;
      const coming = this.#bring(next).finally(() => {
        lane.underway -= 1;
        lane.ms -= next.ms;
        this.#start(lane);
      });
      // It may outlast the run.
      this.#workplace.lingers?.(coming);
    }
  }

  /** Never rejects: a reader that still needs it will see the error. */
  async #bring({ partition, onEnd }: Waiting): Promise<void> {
    const { host, traffic = { uploaded: 0, downloaded: 0 } } = this.#workplace;
    try {
      await partition.on(host, host, traffic);
      onEnd(true);
    } catch {
      onEnd(false);
    }
    await partition.release();
  }
}
