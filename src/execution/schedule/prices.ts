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
  readonly transferMs: number;
}

/** By group and device; null where the group does not run. */
export type GroupCosts = readonly (readonly (GroupCost | null)[])[];

const ROUNDS = 150;
/** Work is dealt out by price to this negative power: nearly all to the cheapest device, without jumps between two. */
const SHARPNESS = 32;

export interface Assignment {
  /** For each group and device: the price of the work there over the least price anywhere; 1 where it belongs. */
  readonly inefficiencies: readonly (readonly number[])[];
  /** All work takes at least so long: what it costs at these prices over what a millisecond of all devices costs. */
  readonly leastMs: number;
}

export function assign(groups: GroupCosts): Assignment {
  const width = groups[0]?.length ?? 0;
  const compute = new Float64Array(width).fill(1);
  const link = new Float64Array(width).fill(1);
  const loads = { compute: new Float64Array(width), link: new Float64Array(width) };
  const relative = groups.map((costs) => new Float64Array(costs.length));
  for (let round = 0; round < ROUNDS; round++) {
    loads.compute.fill(0);
    loads.link.fill(0);
    for (const [group, costs] of groups.entries()) {
      const prices = at(relative, group);
      relate(costs, compute, link, prices);
      deal(costs, prices, loads);
    }
    const most = Math.max(...loads.compute, ...loads.link);
    if (most === 0) break;
    const step = 1 / (1 + 0.08 * round);
    for (let device = 0; device < width; device++) {
      raise(compute, device, step * (at(loads.compute, device) / most - 1));
      raise(link, device, step * (at(loads.link, device) / most - 1));
    }
  }
  let cost = 0;
  for (const [group, costs] of groups.entries()) {
    const least = relate(costs, compute, link, at(relative, group));
    if (Number.isFinite(least)) cost += least;
  }
  let all = 0;
  for (let device = 0; device < width; device++) all += at(compute, device) + at(link, device);
  const inefficiencies = relative.map((prices) => [...prices]);
  return { inefficiencies, leastMs: all > 0 ? cost / all : 0 };
}

interface Loads {
  readonly compute: Float64Array;
  readonly link: Float64Array;
}

/** Prices of the work on every device, over the least of them, which is returned. */
function relate(
  costs: readonly (GroupCost | null)[],
  compute: Float64Array,
  link: Float64Array,
  prices: Float64Array,
): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [device, cost] of costs.entries()) {
    const price = priceOf(cost, compute, link, device);
    prices[device] = price;
    least = Math.min(least, price);
  }
  for (let device = 0; device < prices.length; device++) {
    prices[device] = least > 0 ? at(prices, device) / least : 1;
  }
  return least;
}

/** Adds the work to the devices' loads, in shares that fall steeply with the price. */
function deal(costs: readonly (GroupCost | null)[], prices: Float64Array, loads: Loads): void {
  let total = 0;
  for (let device = 0; device < prices.length; device++) {
    total += at(prices, device) ** -SHARPNESS;
  }
  for (const [device, cost] of costs.entries()) {
    if (cost === null) continue;
    const share = at(prices, device) ** -SHARPNESS / total;
    loads.compute[device] = at(loads.compute, device) + share * cost.computeMs;
    loads.link[device] = at(loads.link, device) + share * cost.transferMs;
  }
}

function priceOf(
  cost: GroupCost | null,
  compute: Float64Array,
  link: Float64Array,
  device: number,
): number {
  if (cost === null) return Number.POSITIVE_INFINITY;
  return cost.computeMs * at(compute, device) + cost.transferMs * at(link, device);
}

function raise(prices: Float64Array, device: number, log: number): void {
  prices[device] = Math.max(1e-9, at(prices, device) * Math.exp(log));
}
