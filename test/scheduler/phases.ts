// Times that no scheduler can beat, from all phases of a run together. In each phase no resource gives more than the phase is
// long; what may happen in several phases is shared out among them, with what results take from device to device. Along a
// chain of tasks phases follow one another (ways.ts).
//
// By duality, any weights of resources that add up to 1 in each phase (each times how often the machine has it) give a bound
// for an order of the events: the sum over chains of the cheapest way to run them, resource by resource in the cheapest phase
// that there is for it. The least bound over all orders in which the events can happen holds. However the weights were found,
// it is sound; they come from the linear program, by the simplex method with columns that are made as they are needed: the
// cheapest ways at the weights found so far (Dantzig and Wolfe 1960; Gilmore and Gomory 1961).

import { Basis, type Entry } from "./basis.ts";
import { type Chain, type ChainsInput, chainsOf, kindsOf, PARTS, type Stage } from "./chains.ts";
import { type Event, ordersOfEvents } from "./events.ts";
import { Ways } from "./ways.ts";

/** Chains are alike whose times differ by less than this from being proportional. */
const LIKENESS = 0.02;
const MOST_LIKE = 100;
const MOST_PIVOTS = 1500;
const EPSILON = 1e-7;

export function phasesBound(input: ChainsInput): number {
  const msOf = (id: number) => {
    const own = input.options[id] ?? [];
    return own.length === 0 ? 0 : Math.min(...own.map(({ compute }) => compute));
  };
  const orders = ordersOfEvents(input.graph, input.isDone, msOf);
  return Math.min(...orders.map((order) => new Phases(order, input).bound()));
}

class Phases {
  readonly #chains: readonly Chain[];
  /** Of each kind of device. */
  readonly #counts: readonly number[];
  readonly #phases: number;
  /** Resources of one phase. */
  readonly #width: number;
  readonly #ways: Ways;

  constructor(order: readonly Event[], input: ChainsInput) {
    const kinds = kindsOf(input);
    this.#chains = chainsOf(input, order, kinds);
    this.#counts = kinds.counts;
    this.#phases = order.length + 1;
    this.#width = PARTS * kinds.counts.length;
    this.#ways = new Ways(kinds.counts.length, this.#phases);
  }

  bound(): number {
    const weights = this.#weights(alike(this.#chains));
    for (let phase = 0; phase < this.#phases; phase++) {
      const own = weights.subarray(phase * this.#width, (phase + 1) * this.#width);
      const sum = own.reduce((all, weight, index) => all + weight * this.#countOf(index), 0);
      if (sum > 1) for (const [index, weight] of own.entries()) own[index] = weight / sum;
    }
    return this.#chains.reduce((sum, chain) => sum + this.#ways.cost(chain, weights), 0);
  }

  #countOf(resource: number): number {
    return this.#counts[Math.floor(resource / PARTS) % this.#counts.length] ?? 1;
  }

  /** The duals of: least sum of the phases' lengths, where no resource has more to do in a phase than it is long. */
  #weights(classes: readonly Chain[]): Float64Array {
    const resources = this.#phases * this.#width;
    const basis = new Basis(resources, classes.length);
    const lengths = Array.from({ length: this.#phases }, (_, phase) => this.#lengthOf(phase));
    this.#begin(basis, classes, lengths);
    for (let pivots = 0; pivots < MOST_PIVOTS; pivots++) {
      const prices = basis.prices();
      const weights = prices.slice(0, resources).map((price) => -price);
      const spare = weights.reduce(
        (a, weight, index) => (weight < (weights[a] ?? 0) ? index : a),
        0,
      );
      const length = lengths.find(
        (entries) =>
          entries.reduce((cost, [row, value]) => cost + (weights[row] ?? 0) * value, 1) < -EPSILON,
      );
      if ((weights[spare] ?? 0) < -EPSILON) {
        if (!basis.enter([[spare, 1]], 0)) break;
      } else if (length !== undefined) {
        if (!basis.enter(length, 1)) break;
      } else {
        const better = this.#betterWay(classes, weights, prices.subarray(resources));
        if (better === null || !basis.enter(better, 0)) break;
      }
    }
    return basis
      .prices()
      .slice(0, resources)
      .map((price) => Math.max(0, -price));
  }

  /** Every class in the cheapest way while all weights are equal, and phases as long as that takes. */
  #begin(basis: Basis, classes: readonly Chain[], lengths: readonly (readonly Entry[])[]): void {
    const resources = this.#phases * this.#width;
    const even = Float64Array.from({ length: resources }, (_, index) => 1 / this.#countOf(index));
    const loads = new Float64Array(resources);
    for (const [index, chain] of classes.entries()) {
      const way = this.#wayOf(chain, even, resources + index);
      for (const [row, ms] of way) if (row < resources) loads[row] = (loads[row] ?? 0) + ms;
      basis.begin(resources + index, way, 0);
    }
    for (const entries of lengths) {
      const load = ([row, value]: Entry) => (loads[row] ?? 0) / -value;
      const [most] = entries.reduce((a, b) => (load(b) > load(a) ? b : a));
      basis.begin(most, entries, 1);
    }
  }

  #lengthOf(phase: number): Entry[] {
    return Array.from({ length: this.#width }, (_, index) => [
      phase * this.#width + index,
      -this.#countOf(index),
    ]);
  }

  /** Of the class that gains most by going another way. */
  #betterWay(
    classes: readonly Chain[],
    weights: Float64Array,
    prices: Float64Array,
  ): Entry[] | null {
    const costs = classes.map((chain) => this.#ways.cost(chain, weights));
    const all = costs.reduce((sum, cost) => sum + cost, 0);
    let least = -1e-6 * all;
    let found: number | null = null;
    for (const [index, cost] of costs.entries()) {
      const gain = cost - (prices[index] ?? 0);
      if (gain >= least) continue;
      least = gain;
      found = index;
    }
    const chain = found === null ? undefined : classes[found];
    if (chain === undefined || found === null) return null;
    return this.#wayOf(chain, weights, this.#phases * this.#width + found);
  }

  #wayOf(chain: Chain, weights: Float64Array, row: number): Entry[] {
    return [[row, 1], ...this.#ways.cheapest(chain, weights)];
  }
}

/** The sums of chains whose times are proportional, nearly, and of ever less alike ones where there would be too many. */
function alike(chains: readonly Chain[]): Chain[] {
  for (let likeness = LIKENESS; ; likeness *= 2) {
    const sums = new Map<string, Chain>();
    for (const chain of chains) {
      const size = chain.flatMap(timesOf).reduce((sum, ms) => sum + (ms < Infinity ? ms : 0), 0);
      if (size === 0) continue;
      const shape = (stage: Stage) => timesOf(stage).map((ms) => Math.round(ms / size / likeness));
      const key = chain.map((stage) => `${stage.windows} ${stage.moves} ${shape(stage)}`).join(";");
      const known = sums.get(key);
      sums.set(key, known === undefined ? chain : sumOf(known, chain));
    }
    if (sums.size <= MOST_LIKE || likeness > 1) return [...sums.values()];
  }
}

function timesOf({ amounts, leaves, comes }: Stage): number[] {
  return [...amounts, ...leaves, ...comes];
}

function sumOf(first: Chain, other: Chain): Chain {
  const add = (a: Float64Array, b: Float64Array | undefined) =>
    a.map((ms, i) => ms + (b?.[i] ?? 0));
  return first.map((stage, index) => ({
    ...stage,
    amounts: add(stage.amounts, other[index]?.amounts),
    leaves: add(stage.leaves, other[index]?.leaves),
    comes: add(stage.comes, other[index]?.comes),
  }));
}
