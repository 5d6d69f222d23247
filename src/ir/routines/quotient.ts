// Quotients and square roots of significands to 62 bits, by Newton's iteration of higher order from a table: a step in
// 32 bits, a step in 64, and no division.

import type { RoutineTable } from "../routine.ts";
import type { U32, U64 } from "../routine_builder.ts";
import { ONE, once, ratio, squareRoot } from "./constants.ts";
import { type Magnitude, normalised, UNIT } from "./words.ts";

const SEED_BITS = 7;

/** floor(2^32 / m) for the upper end m of each of 128 intervals of 1..2. */
const reciprocalSeeds = once((): RoutineTable => {
  const size = 1n << BigInt(SEED_BITS);
  const values = Array.from(
    { length: Number(size) },
    (_, j) => (size << 32n) / (size + BigInt(j) + 1n),
  );
  return { name: "reciprocalSeeds", lane: "u32", values };
});

/** 1 / m within 2^-7 and not above it, in units of 2^-32, for the significand of m in 1..2. */
export function roughReciprocal(significand: U64): U32 {
  const index = significand
    .shl(1)
    .shr(64 - SEED_BITS)
    .low();
  return significand.builder.lookup32(reciprocalSeeds(), index);
}

/** 1 / m in units of 2^-64, not above it. y (1 + e + e^2) with e = 1 - m y leaves e^3: 2^-21, then 2^-63. */
export function reciprocal(significand: U64): U64 {
  const y0 = roughReciprocal(significand);
  const e0 = significand
    .high()
    .mulHigh(y0)
    .subFrom(2 ** 31)
    .shl(8); // in units of 2^-39
  const t0 = e0.add(e0.mulHigh(e0).shr(7));
  // Lowered by more than its error, so that the next e is not negative.
  const y1 = y0.add(y0.mulHigh(t0).shr(7)).sub(8).widen().shl(32);
  const e1 = significand.mulHigh(y1).subFrom(UNIT).shl(20); // in units of 2^-83
  const t1 = e1.add(e1.high().mulHigh(e1.high()).widen().shl(13));
  return y1.add(y1.mulHigh(t1).shr(19));
}

/** a / b, whose top bit may be clear. b's top bit is set. */
export function quotient(a: Magnitude, b: Magnitude): Magnitude {
  return {
    significand: a.significand.mulHigh(reciprocal(b.significand)),
    exponent: a.exponent.sub(b.exponent),
  };
}

/** floor(2^32 / sqrt(w)) for the upper end w of 96 intervals of 1..4. */
const rootSeeds = once((): RoutineTable => {
  const values = Array.from({ length: 96 }, (_, j) => {
    const upper = (ONE * BigInt(33 + j)) / 32n;
    return (ONE << 32n) / squareRoot(upper);
  });
  return { name: "rootSeeds", lane: "u32", values };
});

/**
 * The square root. With e = 1 - w y^2, y (1 - e)^(-1/2) is y (1 + e/2 + 3e^2/8 + 5e^3/16 + ...): e is 2^-5, then 2^-20.
 * The significand's top bit is set.
 */
export function squareRootOf({ significand, exponent }: Magnitude): Magnitude {
  const isOdd = exponent.and(1).eq(1);
  const w = isOdd.pick(significand, significand.shr(1)); // 1..4 in units of 2^-62
  const half = exponent.add(4096).shr(1).sub(2048);
  const y0 = significand.builder.lookup32(rootSeeds(), w.shr(57).low().sub(32));
  const e0 = w
    .high()
    .mulHigh(y0.mulHigh(y0))
    .subFrom(2 ** 30)
    .shl(7); // in units of 2^-37
  const second = e0
    .mulHigh(5 * 2 ** 28)
    .shr(5)
    .add(3 * 2 ** 29);
  const first = e0
    .mulHigh(second)
    .shr(5)
    .add(2 ** 31);
  const y1 = y0
    .add(y0.mulHigh(e0.mulHigh(first)).shr(5))
    .sub(8)
    .widen();
  const e1 = w
    .mulHigh(y1.mul(y1))
    .subFrom(UNIT >> 1n)
    .shl(20); // in units of 2^-82
  const squared = e1.high().mulHigh(e1.high()).widen().shl(14);
  const t1 = e1.shr(1).add(squared.mulHigh(ratio(3n, 8n, 64)));
  const wide = y1.shl(32);
  // Lowered by more than its error: it must not reach 1.
  const y2 = wide.add(wide.mulHigh(t1).shr(18)).sub(4n);
  return normalised({ significand: w.mulHigh(y2).shl(1), exponent: half });
}
