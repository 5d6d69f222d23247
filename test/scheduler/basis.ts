// The basis of a linear program with rows that have slack, resources, and rows that have none, each of which is to add up
// to 1. Columns are not kept: whoever knows one that lowers the cost lets it enter (the revised simplex method).

/** Row and amount. */
export type Entry = readonly [number, number];

const LEAST_SLOPE = 1e-9;

export class Basis {
  readonly #height: number;
  /** The inverse, and in the last column how much of each basic column there is. */
  readonly #rows: readonly Float64Array[];
  readonly #costs: Float64Array;

  constructor(resources: number, sums: number) {
    const height = resources + sums;
    this.#height = height;
    this.#costs = new Float64Array(height);
    this.#rows = Array.from({ length: height }, (_, row) => {
      const line = new Float64Array(height + 1);
      line[row] = 1;
      line[height] = row < resources ? 0 : 1;
      return line;
    });
  }

  /** The column becomes basic in this row, whatever comes of it: for the basis to begin with. */
  begin(row: number, entries: readonly Entry[], cost: number): void {
    this.#pivot(row, this.#inBasis(entries), cost);
  }

  /** The column becomes basic where that keeps all others from being less than nothing. False: nowhere. */
  enter(entries: readonly Entry[], cost: number): boolean {
    const column = this.#inBasis(entries);
    let leaving: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const [row, slope] of column.entries()) {
      if (slope <= LEAST_SLOPE) continue;
      const ratio = Math.max(0, this.#rows[row]?.[this.#height] ?? 0) / slope;
      if (ratio >= least) continue;
      least = ratio;
      leaving = row;
    }
    if (leaving !== null) this.#pivot(leaving, column, cost);
    return leaving !== null;
  }

  /** What one more of each row would cost. */
  prices(): Float64Array {
    const prices = new Float64Array(this.#height);
    for (const [row, line] of this.#rows.entries()) {
      const cost = this.#costs[row] ?? 0;
      if (cost === 0) continue;
      for (let index = 0; index < this.#height; index++) {
        prices[index] = (prices[index] ?? 0) + cost * (line[index] ?? 0);
      }
    }
    return prices;
  }

  #inBasis(entries: readonly Entry[]): Float64Array {
    return Float64Array.from(this.#rows, (line) =>
      entries.reduce((sum, [row, amount]) => sum + (line[row] ?? 0) * amount, 0),
    );
  }

  #pivot(row: number, column: Float64Array, cost: number): void {
    const line = this.#rows[row] as Float64Array;
    const scale = column[row] ?? 1;
    for (const [index, value] of line.entries()) line[index] = value / scale;
    for (const [other, target] of this.#rows.entries()) {
      const factor = column[other] ?? 0;
      if (other === row || factor === 0) continue;
      for (let index = 0; index <= this.#height; index++) {
        target[index] = (target[index] ?? 0) - factor * (line[index] ?? 0);
      }
    }
    this.#costs[row] = cost;
  }
}
