// What work costs on each device over what it costs where it belongs, by group, from prices of all work that is left.

import { at } from "../../base/index.ts";
import { assign, type GroupCost } from "./prices.ts";
import type { ByDevice } from "./queues.ts";

/** Prices change slowly: they are found again after this share of the tasks. */
const SHARE = 1 / 12;
/** And at first sooner, as what the first tasks of a node made says what the others will: this share, then twice as much. */
const FIRST_SHARE = SHARE / 8;

export interface TaskCost {
  readonly group: string;
  readonly device: number;
  readonly computeMs: number;
  readonly transferMs: number;
}

export class Losses {
  readonly #width: number;
  readonly #losses = new Map<string, ByDevice>();
  #endedSince = Number.POSITIVE_INFINITY;
  /** So many tasks, of all, that are to end before prices are found again. */
  #share = FIRST_SHARE;
  /** When all work could be done, as prices were found. */
  #endsAt = Number.POSITIVE_INFINITY;

  /** `width`: devices. */
  constructor(width: number) {
    this.#width = width;
  }

  /** A task is done. */
  ended(): void {
    this.#endedSince += 1;
  }

  /** A device is lost. */
  outdated(): void {
    this.#endedSince = Number.POSITIVE_INFINITY;
  }

  /** Shared by the tasks of the group, and changed in place. */
  of(group: string): ByDevice {
    const known = this.#losses.get(group) ?? new Float64Array(this.#width).fill(1);
    this.#losses.set(group, known);
    return known;
  }

  /** How long what is left takes at least, had all gone as it should; infinite where nothing is priced. */
  msLeft(now: number): number {
    return this.#endsAt - now;
  }

  /** Of so many tasks: have enough ended for prices to be found again? */
  isDue(tasks: number): boolean {
    return this.#endedSince >= tasks * this.#share;
  }

  update(now: number, costsLeft: () => Iterable<TaskCost>): void {
    if (this.#endedSince < Number.POSITIVE_INFINITY) this.#share = Math.min(SHARE, 2 * this.#share);
    this.#endedSince = 0;
    const groups = new Map<string, (GroupCost | null)[]>();
    for (const { group, device, computeMs, transferMs } of costsLeft()) {
      const costs = groups.get(group) ?? Array<GroupCost | null>(this.#width).fill(null);
      groups.set(group, costs);
      const before = costs[device] ?? { computeMs: 0, transferMs: 0 };
      costs[device] = {
        computeMs: before.computeMs + computeMs,
        transferMs: before.transferMs + transferMs,
      };
    }
    const { inefficiencies, leastMs } = assign([...groups.values()]);
    const names = [...groups.keys()];
    for (const [row, group] of names.entries()) this.of(group).set(at(inefficiencies, row));
    this.#endsAt = now + leastMs;
  }
}
