// Pieces of routines: doubles taken apart and put together, words of 128 bits, polynomials.

import type { Flag, RoutineBuilder, U32, U64 } from "../routine_builder.ts";

export const SIGN = 1n << 63n;
const INFINITY = 0x7ff0000000000000n;
export const NAN = 0x7ff8000000000000n;
export const ONE_BITS = 0x3ff0000000000000n;
/** 1 as a significand. */
export const UNIT = 1n << 63n;
/** An exponent beyond all those of doubles. */
export const FAR = 5000;

/** significand / 2^63 * 2^exponent. Without a sign. */
export interface Magnitude {
  readonly significand: U64;
  /** In two's complement. */
  readonly exponent: U32;
}

/** A double taken apart. The significand's top bit is set unless the double is zero. */
export interface Parts extends Magnitude {
  /** SIGN or 0. */
  readonly sign: U64;
  readonly isNegative: Flag;
  readonly isNan: Flag;
  readonly isInfinite: Flag;
  readonly isZero: Flag;
  /** The bits without the sign. */
  readonly magnitude: U64;
}

/** Infinities and NaN have exponent 1024. `subnormal: "tiny"`: subnormals are some numbers below 2^-1022. */
export function takeApart(bits: U64, subnormal: "exact" | "tiny"): Parts {
  const magnitude = bits.and(SIGN - 1n);
  const field = magnitude.shr(52).low();
  const fraction = magnitude.and((1n << 52n) - 1n);
  const whole = {
    sign: bits.and(SIGN),
    isNegative: bits.negative(),
    isNan: bits.builder.u64(INFINITY).lt(magnitude),
    isInfinite: magnitude.eq(INFINITY),
    isZero: magnitude.eq(0n),
    magnitude,
  };
  if (subnormal === "tiny") {
    const significand = fraction.or(1n << 52n).shl(11);
    return { ...whole, significand, exponent: field.sub(1023) };
  }
  const isSubnormal = field.eq(0);
  const shifted = fraction.or(isSubnormal.pick(0n, 1n << 52n));
  const shift = shifted.leadingZeros();
  const exponent = isSubnormal.pick32(1, field).sub(1012).sub(shift);
  return { ...whole, significand: shifted.shl(shift), exponent };
}

/** The same magnitude with its top bit set (0 stays 0). */
export function normalised({ significand, exponent }: Magnitude): Magnitude {
  const shift = significand.leadingZeros();
  return { significand: significand.shl(shift), exponent: exponent.sub(shift) };
}

/** The bits of the nearest double, ties to even. The significand's top bit is set; not for results below 2^-1022. */
export function putTogetherNormal(sign: U64, { significand, exponent }: Magnitude): U64 {
  const field = exponent.add(1022).widen().shl(52);
  return sign.or(roundedTo53(significand).add(field));
}

/** As putTogetherNormal, for every exponent: subnormals, zero and infinities too. */
export function putTogether(sign: U64, { significand, exponent }: Magnitude): U64 {
  const biased = exponent.add(1023);
  // 63 places leave less than half of the smallest double.
  const shift = biased.subFrom(1).max(0).min(63);
  const lost = significand.shl(shift.subFrom(63)).shl(1);
  const shifted = significand.shr(shift).or(lost.eq(0n).pick(0n, 1n));
  const field = biased.sub(1).max(0).widen().shl(52);
  const finite = roundedTo53(shifted).add(field);
  return sign.or(biased.ltSigned(2047).pick(finite, INFINITY));
}

function roundedTo53(significand: U64): U64 {
  const kept = significand.shr(11);
  const rounding = significand.low().and(0x7ff).add(0x3ff).add(kept.low().and(1));
  return kept.add(rounding.shr(11).widen());
}

// ---- 128 bits

export interface Wide {
  readonly high: U64;
  readonly low: U64;
}

export function mulWide(a: U64, b: U64): Wide {
  return { high: a.mulHigh(b), low: a.mul(b) };
}

export function addWide(a: Wide, b: Wide): Wide {
  const low = a.low.add(b.low);
  const carry = low.lt(b.low).pick(1n, 0n);
  return { high: a.high.add(b.high).add(carry), low };
}

export function subWide(a: Wide, b: Wide): Wide {
  const borrow = a.low.lt(b.low).pick(1n, 0n);
  return { high: a.high.sub(b.high).sub(borrow), low: a.low.sub(b.low) };
}

export function addLow(a: Wide, b: U64): Wide {
  const low = a.low.add(b);
  return { high: a.high.add(low.lt(b).pick(1n, 0n)), low };
}

/** The upper 128 of the 192 bits of a * b; the last bit may be 1 too small. */
export function mulWideBy(a: Wide, b: U64): Wide {
  return addLow(mulWide(a.high, b), a.low.mulHigh(b));
}

/** Shifted right by 0..127. */
export function shrWide({ high, low }: Wide, count: U32): Wide {
  const near = {
    high: high.shr(count),
    low: low.shr(count).or(high.shl(1).shl(count.and(63).subFrom(63))),
  };
  const isFar = count.lt(64);
  return { high: isFar.pick(near.high, 0n), low: isFar.pick(near.low, near.high) };
}

/** Shifted right by a constant 1..63. */
export function shrWideBy({ high, low }: Wide, count: number): Wide {
  return { high: high.shr(count), low: low.shr(count).or(high.shl(64 - count)) };
}

/** Shifted left by 0..63. */
export function shlWide({ high, low }: Wide, count: U32): Wide {
  return { high: high.shl(count).or(low.shr(1).shr(count.subFrom(63))), low: low.shl(count) };
}

export function pickWide(condition: Flag, yes: Wide, no: Wide): Wide {
  return { high: condition.pick(yes.high, no.high), low: condition.pick(yes.low, no.low) };
}

export function wide(builder: RoutineBuilder, value: bigint): Wide {
  return { high: builder.u64(value >> 64n), low: builder.u64(value) };
}

// ---- polynomials

/** How the terms of a series go on: c1 + x (c2 + ...), c1 - x (c2 - ...), or the first where the flag is true. */
export type Signs = "plus" | "minus" | Flag;

/**
 * c1 +- x (c2 +- x (c3 +- ...)) for x and coefficients that count 2^-64. From where they fit 32 bits on, coefficients
 * are worked with in 32 bits: what that loses is below 2^-64 of the first one.
 */
export function series(x: U64, coefficients: readonly bigint[], signs: Signs): U64 {
  const { builder } = x;
  const x32 = x.high();
  const combine32 = (c: bigint, t: U32): U32 => {
    const base = builder.u32(Number(c));
    if (signs === "plus") return base.add(t);
    return signs === "minus" ? base.sub(t) : signs.pick32(base.add(t), base.sub(t));
  };
  const combine = (c: bigint, t: U64): U64 => {
    const base = builder.u64(c);
    if (signs === "plus") return base.add(t);
    return signs === "minus" ? base.sub(t) : signs.pick(base.add(t), base.sub(t));
  };
  let rest32: U32 | null = null;
  let rest: U64 | null = null;
  for (const c of [...coefficients].reverse()) {
    if (rest === null && c < 1n << 32n) {
      rest32 = rest32 === null ? builder.u32(Number(c)) : combine32(c, x32.mulHigh(rest32));
    } else if (rest !== null) {
      rest = combine(c, x.mulHigh(rest));
    } else {
      rest = rest32 === null ? builder.u64(c) : combine(c, x32.mulHigh(rest32).widen());
    }
  }
  return rest ?? (rest32 as U32).widen();
}
