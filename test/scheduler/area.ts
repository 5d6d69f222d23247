// How long tasks take at the least when they can be divided at will: the fractional assignment to compute units and links
// that ends first. By duality, any weights of these resources that add up to 1 (each times how often the machine has it)
// give a bound: the sum over tasks of their cheapest weighted time. So however the weights were found, the bound is sound.
//
// Weights come from the linear program itself, by the simplex method. For it alone, tasks that are alike up to their
// size are added up; the bound they give is of all tasks, one by one.

import type { DeviceModel } from "./machines.ts";

/** What a task costs on one device. */
export interface AreaOption {
  readonly device: number;
  readonly compute: number;
  /** Of inputs that are there from the start: may happen while other tasks still have to run. */
  readonly earlyUpload: number;
  readonly upload: number;
  readonly download: number;
}

/** Compute units, upload, download. */
const PARTS = 3;
/** Tasks are alike whose costs differ by less than this from being proportional. */
const LIKENESS = 0.02;
const MOST_LIKE = 120;
const MOST_PIVOTS = 600;
const EPSILON = 1e-9;

/** Cards with the same costs count as one resource of several times the capacity. */
export function area(
  tasks: readonly (readonly AreaOption[])[],
  machine: readonly DeviceModel[],
  early: boolean,
): number {
  if (tasks.length === 0) return 0;
  const kinds = [...new Set(machine.map(({ costs }) => costs))];
  const kindOf = machine.map(({ costs }) => kinds.indexOf(costs));
  const capacity = kinds.flatMap((kind) => {
    const count = machine.filter(({ costs }) => costs === kind).length;
    return Array<number>(PARTS).fill(count);
  });
  const amounts = tasks.map((options) => amountsOf(options, kindOf, kinds.length, early));
  const weights = weightsOf(alike(amounts), capacity);
  const total = weights.reduce(
    (sum, weight, index) => sum + weight * (capacity[index] as number),
    0,
  );
  return total > 0 ? amounts.reduce((sum, own) => sum + cheapest(own, weights), 0) / total : 0;
}

/** By kind of device: compute, upload, download. Infinite where the task does not run. */
function amountsOf(
  options: readonly AreaOption[],
  kindOf: readonly number[],
  width: number,
  early: boolean,
): Float64Array {
  const amounts = new Float64Array(PARTS * width).fill(Number.POSITIVE_INFINITY);
  for (const { device, compute, upload, earlyUpload, download } of options) {
    const first = PARTS * (kindOf[device] as number);
    // Cards of a kind differ in what is on them already: the cheapest counts.
    const moved = upload + (early ? earlyUpload : 0);
    for (const [part, amount] of [compute, moved, download].entries()) {
      amounts[first + part] = Math.min(amounts[first + part] as number, amount);
    }
  }
  return amounts;
}

function cheapest(amounts: Float64Array, weights: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let kind = 0; kind < amounts.length; kind += PARTS) {
    if (amounts[kind] === Number.POSITIVE_INFINITY) continue;
    let price = 0;
    for (let index = kind; index < kind + PARTS; index++) {
      price += (amounts[index] as number) * (weights[index] as number);
    }
    least = Math.min(least, price);
  }
  return least;
}

/** The sums of tasks whose costs are proportional, nearly, and of ever less alike ones where there would be too many. */
function alike(amounts: readonly Float64Array[]): Float64Array[] {
  for (let likeness = LIKENESS; ; likeness *= 2) {
    const sums = new Map<string, Float64Array>();
    for (const own of amounts) {
      const size = own.reduce((sum, amount) => sum + (Number.isFinite(amount) ? amount : 0), 0);
      if (size === 0) continue;
      const key = own.map((amount) => Math.round(amount / size / likeness)).join();
      const known = sums.get(key);
      if (known === undefined) sums.set(key, own.slice());
      else
        for (const [index, amount] of own.entries())
          known[index] = (known[index] as number) + amount;
    }
    if (sums.size <= MOST_LIKE || likeness > 1) return [...sums.values()];
  }
}

/**
 * The duals of: least T, where each row's work is dealt out over kinds of devices and no resource gets more than T times
 * its capacity. Where rounding or MOST_PIVOTS ends it before the optimum, the bound is lower, and still one.
 */
function weightsOf(work: readonly Float64Array[], capacity: readonly number[]): Float64Array {
  const resources = capacity.length;
  const kinds = resources / PARTS;
  const tableau = new Tableau(work, capacity);
  const runs = (index: number) => {
    const share = index - resources;
    const isShare = share >= 0 && share < work.length * kinds;
    return !isShare || Number.isFinite(work[Math.floor(share / kinds)]?.[(share % kinds) * PARTS]);
  };
  for (const [row, amounts] of work.entries()) {
    let first = 0;
    for (let kind = 1; kind < kinds; kind++) {
      if ((amounts[kind * PARTS] as number) < (amounts[first * PARTS] as number)) first = kind;
    }
    tableau.pivot(resources + row, resources + row * kinds + first);
  }
  // T is large enough for the most loaded resource, so for all.
  tableau.pivot(tableau.mostLoaded(capacity), resources + work.length * kinds);
  for (let step = 0; step < MOST_PIVOTS; step++) {
    const entering = tableau.entering(runs);
    const leaving = entering === null ? null : tableau.leaving(entering);
    if (entering === null || leaving === null) break;
    tableau.pivot(leaving, entering);
  }
  return tableau.duals(resources);
}

/**
 *                 slacks   shares, by work and kind   T          right side
 *   resources     1        amounts                    -capacity  0
 *   work                   1                                     1
 *   objective                                         1          0
 */
class Tableau {
  readonly #rows: Float64Array[];
  readonly #objective: Float64Array;

  constructor(work: readonly Float64Array[], capacity: readonly number[]) {
    const resources = capacity.length;
    const kinds = resources / PARTS;
    const end = resources + work.length * kinds;
    const height = resources + work.length;
    this.#rows = Array.from({ length: height + 1 }, () => new Float64Array(end + 2));
    this.#objective = this.#rows[height] as Float64Array;
    this.#objective[end] = 1;
    for (const [resource, count] of capacity.entries()) {
      const line = this.#rows[resource] as Float64Array;
      line[resource] = 1;
      line[end] = -count;
      for (const [row, amounts] of work.entries()) {
        const share = resources + row * kinds + Math.floor(resource / PARTS);
        const amount = amounts[resource] as number;
        if (!Number.isFinite(amount)) continue;
        line[share] = amount;
        (this.#rows[resources + row] as Float64Array)[share] = 1;
      }
    }
    for (let row = resources; row < height; row++) (this.#rows[row] as Float64Array)[end + 1] = 1;
  }

  mostLoaded(capacity: readonly number[]): number {
    const load = (resource: number) =>
      -(this.#rows[resource]?.at(-1) as number) / (capacity[resource] as number);
    return [...capacity.keys()].reduce((a, b) => (load(b) > load(a) ? b : a));
  }

  /** The column that lowers T most; null at the optimum. */
  entering(mayEnter: (column: number) => boolean): number | null {
    let found: number | null = null;
    let least = -EPSILON;
    for (let column = 0; column < this.#objective.length - 1; column++) {
      const gain = this.#objective[column] as number;
      if (gain >= least || !mayEnter(column)) continue;
      least = gain;
      found = column;
    }
    return found;
  }

  /** The row that reaches zero first as the column grows. */
  leaving(entering: number): number | null {
    let found: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const [row, line] of this.#rows.slice(0, -1).entries()) {
      const slope = line[entering] as number;
      const ratio = (line.at(-1) as number) / slope;
      if (slope <= EPSILON || ratio >= least) continue;
      least = ratio;
      found = row;
    }
    return found;
  }

  pivot(row: number, column: number): void {
    const line = this.#rows[row] as Float64Array;
    const scale = line[column] as number;
    for (let index = 0; index < line.length; index++) line[index] = (line[index] as number) / scale;
    for (const other of this.#rows) {
      const factor = other[column] as number;
      if (other === line || factor === 0) continue;
      for (let index = 0; index < line.length; index++) {
        other[index] = (other[index] as number) - factor * (line[index] as number);
      }
    }
  }

  duals(resources: number): Float64Array {
    return this.#objective.slice(0, resources).map((weight) => Math.max(0, weight));
  }
}
