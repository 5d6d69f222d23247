// Seeded random values (mulberry32) for the query lattice.

export interface ValueGenerator {
  integer(least: number, most: number): number;
  /** Ordinary numbers mixed with NaN, infinities, both zeros, subnormals and magnitudes that cancel. */
  float(): number;
  pick<T>(values: readonly T[]): T;
  nullable<T>(share: number, value: () => T): T | null;
}

const ODD_FLOATS = [0, -0, Number.NaN, 5e-324, 1e300, -1e300, 0.1, 1 / 3, 2 ** 53, -(2 ** -1040)];

export function generator(seed: number): ValueGenerator {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const pick = <T>(values: readonly T[]) => values[integer(0, values.length - 1)] as T;
  return {
    integer,
    pick,
    float: () => (next() < 0.15 ? pick(ODD_FLOATS) : Math.round((next() - 0.5) * 1e6) / 64),
    nullable: (share, value) => (next() < share ? null : value()),
  };
}
