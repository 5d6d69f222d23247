// What work costs on each device over what it costs where it belongs, by group, from prices of all work that is left.

import { at } from "../../base/index.ts";
import type { Barrier } from "./barriers.ts";
import {
  ANY,
  assign,
  FEW_ROUNDS,
  type GroupCost,
  type GroupCosts,
  LATER,
  NOW,
  type Window,
} from "./prices.ts";
import type { ByDevice } from "./queues.ts";

/** Prices change slowly: they are found again after this share of the tasks. */
const SHARE = 1 / 12;
/** And at first sooner, as what the first tasks of a node made says what the others will: this share, then twice as much. */
const FIRST_SHARE = SHARE / 8;

/** Barriers that are looked at: what prices take grows with them. */
const MOST_BARRIERS = 4;

export interface TaskCost {
  readonly group: string;
  readonly device: number;
  readonly computeMs: number;
  readonly transferMs: number;
  readonly returnMs: number;
}

export class Losses {
  readonly #width: number;
  readonly #barriers: readonly Barrier[];
  readonly #losses = new Map<string, ByDevice>();
  #endedSince = Number.POSITIVE_INFINITY;
  /** So many tasks, of all, that are to end before prices are found again. */
  #share = FIRST_SHARE;
  /** When all work could be done, as prices were found. */
  #endsAt = Number.POSITIVE_INFINITY;

  /** `width`: devices. */
  constructor(width: number, barriers: readonly Barrier[] = []) {
    this.#width = width;
    this.#barriers = barriers;
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
    for (const { group, device, computeMs, transferMs, returnMs } of costsLeft()) {
      const costs = groups.get(group) ?? Array<GroupCost | null>(this.#width).fill(null);
      groups.set(group, costs);
      const before = costs[device] ?? { computeMs: 0, transferMs: 0, returnMs: 0 };
      costs[device] = {
        computeMs: before.computeMs + computeMs,
        transferMs: before.transferMs + transferMs,
        returnMs: before.returnMs + returnMs,
      };
    }
    const names = [...groups.keys()];
    const costs = [...groups.values()];
    const { inefficiencies, leastMs } = assign(costs, this.#windows(names, costs));
    for (const [row, group] of names.entries()) this.of(group).set(at(inefficiencies, row));
    this.#endsAt = now + leastMs;
  }

  /** Before and behind the barrier by which all work takes longest; null: none is ahead. */
  #windows(names: readonly string[], costs: GroupCosts): readonly Window[] | null {
    const ahead = this.#barriers
      .map((barrier) => names.map((name) => windowOf(name, barrier)))
      .filter((windows) => windows.includes(NOW) && windows.includes(LATER))
      .slice(0, MOST_BARRIERS);
    if (ahead.length < 2) return ahead[0] ?? null;
    const most = ahead.map((windows) => assign(costs, windows, FEW_ROUNDS).leastMs);
    return ahead[most.indexOf(Math.max(...most))] ?? null;
  }
}

function windowOf(group: string, { before, after }: Barrier): Window {
  if (before.has(group)) return NOW;
  return after.has(group) ? LATER : ANY;
}
