// What an hour of each device is worth for the work that is left. Devices differ in what they are good at, and a link can
// be scarcer than what it feeds: a device that is idle should take the work at which it loses least against the others.
//
// Fractional assignment of all work in the least time is a linear program; its dual gives every compute unit and link a
// price, and in an optimal assignment all work goes where it is cheapest. Multiplicative weights find prices close to
// that in some tens of rounds (Plotkin, Shmoys and Tardos 1995), and work is grouped, so a round is a few hundred steps.

import { at } from "../../base/index.ts";

/** What all work of one group takes on one device. */
export interface GroupCost {
  readonly computeMs: number;
  /** Of the link to the device. */
  readonly transferMs: number;
  /** Of the link from it. */
  readonly returnMs: number;
}

/** By group and device; null where the group does not run. */
export type GroupCosts = readonly (readonly (GroupCost | null)[])[];

/** Of two phases, before a barrier and behind it, those in which a group can run. */
export const NOW = 1;
export const LATER = 2;
export const ANY = 3;
export type Window = typeof NOW | typeof LATER | typeof ANY;

const ROUNDS = 150;
/** Enough to see which barrier holds up most. */
export const FEW_ROUNDS = 30;
/** Of the least price in all phases: what costs more now belongs where it will later. */
const TOLERANCE = 1.25;

export interface Assignment {
  /** For each group and device: the price of the work there over the least price anywhere; 1 where it belongs. */
  readonly inefficiencies: readonly (readonly number[])[];
  /** All work takes at least so long: what it costs where a millisecond of all devices costs 1 in each phase. */
  readonly leastMs: number;
}

/** With windows, by group, there are two phases: no device does work of the second one before all have done the first. */
export function assign(
  groups: GroupCosts,
  windows: readonly Window[] | null = null,
  rounds = ROUNDS,
): Assignment {
  const width = groups[0]?.length ?? 0;
  const phases = (windows === null ? [NOW] : [NOW, LATER]).map((bit) => new Phase(bit, width));
  const works = groups.map((costs, group) => {
    const window = windows?.[group] ?? NOW;
    return new Work(
      costs,
      phases.filter(({ bit }) => (window & bit) !== 0),
    );
  });
  for (let round = 0; round < rounds; round++) {
    for (const phase of phases) phase.loads.fill(0);
    for (const work of works) {
      work.relate();
      work.deal();
    }
    const step = 1 / (1 + 0.08 * round);
    for (const phase of phases) phase.raise(step);
  }
  let leastMs = 0;
  for (const work of works) {
    const least = work.relate();
    if (Number.isFinite(least)) leastMs += least;
  }
  return { inefficiencies: works.map((work) => work.inefficiencies()), leastMs };
}

/** What each device has, in order: computing units, the link to it, the link from it. */
const PARTS = 3;

class Phase {
  readonly bit: number;
  /** That add up to 1. */
  readonly prices: Float64Array;
  readonly loads: Float64Array;

  constructor(bit: number, width: number) {
    this.bit = bit;
    this.prices = new Float64Array(PARTS * width).fill(1 / (PARTS * width));
    this.loads = new Float64Array(PARTS * width);
  }

  raise(step: number): void {
    const { prices, loads } = this;
    const most = Math.max(...loads);
    if (most === 0) return;
    let sum = 0;
    for (let part = 0; part < prices.length; part++) {
      const log = step * (at(loads, part) / most - 1);
      const price = Math.max(1e-9, at(prices, part) * Math.exp(log));
      prices[part] = price;
      sum += price;
    }
    for (let part = 0; part < prices.length; part++) prices[part] = at(prices, part) / sum;
  }
}

/** All work of one group. */
class Work {
  readonly #phases: readonly Phase[];
  readonly #width: number;
  /** By device and part; infinite where the group does not run. */
  readonly #costs: Float64Array;
  /** Prices by phase and device, over the least of them. */
  readonly #relative: Float64Array;

  constructor(costs: readonly (GroupCost | null)[], phases: readonly Phase[]) {
    this.#phases = phases;
    this.#width = costs.length;
    this.#costs = new Float64Array(PARTS * costs.length);
    for (const [device, cost] of costs.entries()) {
      const { computeMs, transferMs, returnMs } = cost ?? NOWHERE;
      this.#costs.set([computeMs, transferMs, returnMs], PARTS * device);
    }
    this.#relative = new Float64Array(phases.length * costs.length);
  }

  /** Prices of the work, of which the least is returned. */
  relate(): number {
    const costs = this.#costs;
    const relative = this.#relative;
    let least = Number.POSITIVE_INFINITY;
    let place = 0;
    for (const { prices } of this.#phases) {
      for (let part = 0; part < costs.length; part += PARTS) {
        const price =
          at(costs, part) * at(prices, part) +
          at(costs, part + 1) * at(prices, part + 1) +
          at(costs, part + 2) * at(prices, part + 2);
        relative[place++] = price;
        if (price < least) least = price;
      }
    }
    for (place = 0; place < relative.length; place++) {
      const price = at(relative, place);
      relative[place] = price > least ? price / least : 1;
    }
    return least;
  }

  /** Adds the work to the loads, nearly all where it is cheapest, without jumps between two. */
  deal(): void {
    const costs = this.#costs;
    const relative = this.#relative;
    let total = 0;
    for (const price of relative) total += steep(price);
    let place = 0;
    for (const { loads } of this.#phases) {
      for (let first = 0; first < costs.length; first += PARTS) {
        const share = steep(at(relative, place++)) / total;
        if (share === 0) continue;
        for (let part = first; part < first + PARTS; part++) {
          loads[part] = at(loads, part) + share * at(costs, part);
        }
      }
    }
  }

  inefficiencies(): readonly number[] {
    const width = this.#width;
    const now = [...this.#relative.subarray(0, width)];
    if (this.#phases.length < 2 || Math.min(...now) <= TOLERANCE) return now;
    return [...this.#relative.subarray(width)];
  }
}

const NOWHERE: GroupCost = { computeMs: Number.POSITIVE_INFINITY, transferMs: 0, returnMs: 0 };

/** The price to the power of -32. */
function steep(price: number): number {
  let power = 1 / price;
  for (let squares = 0; squares < 5; squares++) power *= power;
  return power;
}
