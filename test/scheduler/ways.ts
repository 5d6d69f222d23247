// The cheapest way to run a chain where computing units and links have a price in each phase: on which kind of device, and in
// which phase, each of its tasks computes. What a task reads comes before it computes, and what it makes goes after: so
// phases follow one another along the chain. A task that computes in several phases is several ways at once, each in a part.

import type { Entry } from "./basis.ts";
import { type Chain, COMPUTE, DOWN, PARTS, type Stage, UP, type Window } from "./chains.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Where and when a task computes. */
interface Place {
  readonly kind: number;
  readonly phase: number;
}

export class Ways {
  readonly #kinds: number;
  readonly #phases: number;

  constructor(kinds: number, phases: number) {
    this.#kinds = kinds;
    this.#phases = phases;
  }

  cost(chain: Chain, weights: Float64Array): number {
    return Math.min(...(this.#costs(chain, weights).at(-1) ?? [0]));
  }

  /** What it takes of which resource. */
  cheapest(chain: Chain, weights: Float64Array): Entry[] {
    const costs = this.#costs(chain, weights);
    const last = costs.at(-1) ?? new Float64Array(0);
    const best = last.indexOf(Math.min(...last));
    let place: Place = { kind: Math.floor(best / this.#phases), phase: best % this.#phases };
    const entries: Entry[] = [];
    for (const [index, stage] of [...chain.entries()].toReversed()) {
      entries.push(...this.#run(stage, place, weights));
      const before = costs[index - 1];
      if (before === undefined) break;
      const origin = this.#originOf(stage, place, before, weights);
      entries.push(...origin.entries);
      place = origin.place;
    }
    return entries;
  }

  /** By stage, of the chain up to it: by kind, then phase, in which it computes. */
  #costs(chain: Chain, weights: Float64Array): Float64Array[] {
    const costs: Float64Array[] = [];
    for (const stage of chain) {
      const before = costs.at(-1);
      const own = before === undefined ? this.#none() : this.#arrivals(stage, before, weights);
      for (const [index, arrival] of own.entries()) {
        const place = { kind: Math.floor(index / this.#phases), phase: index % this.#phases };
        own[index] = arrival < NEVER ? arrival + this.#runCost(stage, place, weights) : NEVER;
      }
      costs.push(own);
    }
    return costs;
  }

  #none(): Float64Array {
    return new Float64Array(this.#kinds * this.#phases);
  }

  /** By kind and phase: what it costs until the result of the stage before is there, by then. */
  #arrivals(stage: Stage, before: Float64Array, weights: Float64Array): Float64Array {
    const { leaves, comes, moves } = stage;
    const made = before.slice();
    // Down to the host, by phase.
    const left = new Float64Array(this.#phases).fill(NEVER);
    for (let kind = 0; kind < this.#kinds; kind++) {
      const first = kind * this.#phases;
      for (let phase = 0; phase < this.#phases; phase++) {
        if (phase > 0) made[first + phase] = least(made[first + phase - 1], made[first + phase]);
        if (!isWithin(phase, moves)) continue;
        const ms = (leaves[kind] ?? 0) * this.#weight(weights, phase, kind, DOWN);
        left[phase] = least(left[phase], (made[first + phase] ?? NEVER) + ms);
      }
    }
    for (let phase = 1; phase < this.#phases; phase++) {
      left[phase] = least(left[phase - 1], left[phase]);
    }
    for (let kind = 0; kind < this.#kinds; kind++) {
      let come = NEVER;
      for (let phase = 0; phase < this.#phases; phase++) {
        const ms = (comes[kind] ?? 0) * this.#weight(weights, phase, kind, UP);
        if (isWithin(phase, moves)) come = least(come, (left[phase] ?? NEVER) + ms);
        const index = kind * this.#phases + phase;
        made[index] = least(made[index], come);
      }
    }
    return made;
  }

  /** How the cheapest one of the arrivals there comes about. */
  #originOf(
    { leaves, comes, moves }: Stage,
    to: Place,
    before: Float64Array,
    weights: Float64Array,
  ): { readonly place: Place; readonly entries: Entry[] } {
    let best: { place: Place; entries: Entry[] } = { place: to, entries: [] };
    let most = NEVER;
    for (const [index, made] of before.entries()) {
      const kind = Math.floor(index / this.#phases);
      const phase = index % this.#phases;
      if (phase > to.phase || made >= most) continue;
      const place = { kind, phase };
      if (kind === to.kind) {
        most = made;
        best = { place, entries: [] };
        continue;
      }
      for (let down = Math.max(phase, moves[0]); down <= Math.min(to.phase, moves[1]); down++) {
        const leave = made + (leaves[kind] ?? 0) * this.#weight(weights, down, kind, DOWN);
        const up = this.#cheapestPhase(weights, to.kind, UP, [down, Math.min(to.phase, moves[1])]);
        const cost = leave + (comes[to.kind] ?? 0) * this.#weight(weights, up, to.kind, UP);
        if (cost >= most) continue;
        most = cost;
        const leaving: Entry = [this.#resource(down, kind, DOWN), leaves[kind] ?? 0];
        const coming: Entry = [this.#resource(up, to.kind, UP), comes[to.kind] ?? 0];
        best = { place, entries: [leaving, coming].filter(([, ms]) => ms > 0) };
      }
    }
    return best;
  }

  #runCost({ amounts, windows }: Stage, { kind, phase }: Place, weights: Float64Array): number {
    const first = PARTS * kind;
    const compute = amounts[first + COMPUTE] ?? NEVER;
    if (compute === NEVER || !isWithin(phase, windows[COMPUTE])) return NEVER;
    let cost = compute * this.#weight(weights, phase, kind, COMPUTE);
    const up = amounts[first + UP] ?? 0;
    if (up > 0) {
      const when = this.#cheapestPhase(weights, kind, UP, until(windows[UP], phase));
      cost += up * this.#weight(weights, when, kind, UP);
    }
    const down = amounts[first + DOWN] ?? 0;
    if (down > 0) {
      const when = this.#cheapestPhase(weights, kind, DOWN, since(windows[DOWN], phase));
      cost += down * this.#weight(weights, when, kind, DOWN);
    }
    return cost;
  }

  #run({ amounts, windows }: Stage, { kind, phase }: Place, weights: Float64Array): Entry[] {
    const up = this.#cheapestPhase(weights, kind, UP, until(windows[UP], phase));
    const down = this.#cheapestPhase(weights, kind, DOWN, since(windows[DOWN], phase));
    return [phase, up, down].flatMap((when, part): Entry[] => {
      const ms = amounts[PARTS * kind + part] ?? 0;
      return ms > 0 ? [[this.#resource(when, kind, part), ms]] : [];
    });
  }

  #cheapestPhase(weights: Float64Array, kind: number, part: number, [first, last]: Window): number {
    let best = first;
    for (let phase = first + 1; phase <= last; phase++) {
      const isLess =
        this.#weight(weights, phase, kind, part) < this.#weight(weights, best, kind, part);
      if (isLess) best = phase;
    }
    return best;
  }

  #weight(weights: Float64Array, phase: number, kind: number, part: number): number {
    return weights[this.#resource(phase, kind, part)] ?? 0;
  }

  #resource(phase: number, kind: number, part: number): number {
    return (phase * this.#kinds + kind) * PARTS + part;
  }
}

function least(a: number | undefined, b: number | undefined): number {
  return Math.min(a ?? NEVER, b ?? NEVER);
}

function isWithin(phase: number, [first, last]: Window): boolean {
  return first <= phase && phase <= last;
}

function until([first, last]: Window, phase: number): Window {
  return [first, Math.min(last, phase)];
}

function since([first, last]: Window, phase: number): Window {
  return [Math.max(first, phase), last];
}
