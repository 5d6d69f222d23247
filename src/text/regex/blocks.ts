// A partition of states that is refined: states are marked, and every block gives those of its own that are marked to a
// new one (Valmari and Lehtinen, "Efficient minimization of DFAs with partial transition functions", 2008).
//
//   states: | block 0: marked, others | block 1: marked, others | ...

export class Blocks {
  readonly blockOf: Int32Array;
  readonly #states: Int32Array;
  /** Where a state stands among them. */
  readonly #places: Int32Array;
  readonly #firsts: Int32Array;
  readonly #sizes: Int32Array;
  readonly #marked: Int32Array;
  /** The blocks that have marked states. */
  readonly #touched: number[] = [];
  #count = 1;

  /** All states in one block. */
  constructor(stateCount: number) {
    this.blockOf = new Int32Array(stateCount);
    this.#states = Int32Array.from(this.blockOf, (_, state) => state);
    this.#places = this.#states.slice();
    this.#firsts = new Int32Array(stateCount);
    this.#sizes = new Int32Array(stateCount);
    this.#sizes[0] = stateCount;
    this.#marked = new Int32Array(stateCount);
  }

  get count(): number {
    return this.#count;
  }

  size(block: number): number {
    return this.#sizes[block] as number;
  }

  /** A copy: what is split later does not change it. */
  members(block: number): Int32Array {
    const first = this.#firsts[block] as number;
    return this.#states.slice(first, first + this.size(block));
  }

  /** Marking twice is marking once. */
  mark(state: number): void {
    const block = this.blockOf[state] as number;
    const marked = this.#marked[block] as number;
    const place = this.#places[state] as number;
    const target = (this.#firsts[block] as number) + marked;
    if (place < target) return;
    if (marked === 0) this.#touched.push(block);
    this.#marked[block] = marked + 1;
    const other = this.#states[target] as number;
    this.#states[place] = other;
    this.#places[other] = place;
    this.#states[target] = state;
    this.#places[state] = target;
  }

  /** Takes marked states out of their blocks into new ones, where others stay behind; nothing is marked afterwards. */
  split(onSplit: (from: number, created: number) => void): void {
    for (const block of this.#touched) {
      const marked = this.#marked[block] as number;
      this.#marked[block] = 0;
      if (marked === this.#sizes[block]) continue;
      const first = this.#firsts[block] as number;
      const created = this.#count++;
      this.#firsts[created] = first;
      this.#sizes[created] = marked;
      for (let place = first; place < first + marked; place++) {
        this.blockOf[this.#states[place] as number] = created;
      }
      this.#firsts[block] = first + marked;
      this.#sizes[block] = this.size(block) - marked;
      onSplit(block, created);
    }
    this.#touched.length = 0;
  }
}
