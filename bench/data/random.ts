// A small, fast, seeded generator (sfc32 by Chris Doty-Humphrey), so that the data is the same on
// every machine. R's Mersenne Twister is not imitated: the distributions are what matters.

export class Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  /** Streams with one seed and different names are independent: one for each column. */
  constructor(seed: number, stream: string) {
    this.#a = seed >>> 0;
    this.#b = fnv1a(stream);
    for (let round = 0; round < 15; round++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
  }

  /** Fisher-Yates, in place. */
  shuffle(values: Int32Array): Int32Array {
    for (let last = values.length - 1; last > 0; last--) {
      const chosen = this.below(last + 1);
      const kept = values[last]!;
      values[last] = values[chosen]!;
      values[chosen] = kept;
    }
    return values;
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
