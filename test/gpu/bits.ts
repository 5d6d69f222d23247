// Numbers and their bits.

const view = new DataView(new ArrayBuffer(8));

export const CANONICAL_NAN64 = 0x7ff8000000000000n;
export const CANONICAL_NAN32 = 0x7fc00000n;

/** Bits of a double; any NaN as the canonical one. */
export function f64Bits(value: number): bigint {
  if (Number.isNaN(value)) return CANONICAL_NAN64;
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

export function f64(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** Bits of the nearest float; any NaN as the canonical one. */
export function f32Bits(value: number): bigint {
  if (Number.isNaN(value)) return CANONICAL_NAN32;
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

export function f32(bits: bigint): number {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}

/** A small, fast, seeded generator of 32-bit words. */
export function words(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
