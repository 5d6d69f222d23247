// exp, exp2, expm1 and the power 2^t that pow and the hyperbolic functions share (Tang, ACM TOMS 15, 1989, in fixed
// point): t = n + j/32 + r with 0 <= r < 1/32; 2^t = 2^n * table[j] * 2^r, and 2^r - 1 is 8 terms of its Taylor series.

import type { RoutineTable } from "../routine.ts";
import type { Flag, RoutineBuilder, U32, U64 } from "../routine_builder.ts";
import { factorial, ln2, log2E, ONE, once, power, ratio, scaled, squareRoot } from "./constants.ts";
import {
  FAR,
  type Magnitude,
  mulWideBy,
  NAN,
  normalised,
  type Parts,
  putTogether,
  series,
  shrWide,
  takeApart,
  UNIT,
  type Wide,
  wide,
} from "./words.ts";

const TABLE_BITS = 5;
const TERMS = 8;

/** 2^(j / 32) as significands. */
const powersOfTwo = once((): RoutineTable => {
  let step = 2n * ONE;
  for (let k = 0; k < TABLE_BITS; k++) step = squareRoot(step);
  const values = Array.from({ length: 1 << TABLE_BITS }, (_, j) => scaled(power(step, j), 63));
  return { name: "powersOfTwo", lane: "u64", values };
});

/** 2^(fraction / 2^64) as a significand. */
function fractionalPower(fraction: U64): U64 {
  const { builder } = fraction;
  const leading = builder.lookup64(powersOfTwo(), fraction.shr(64 - TABLE_BITS).low());
  const rest = fraction.shl(TABLE_BITS);
  // (ln 2 / 32)^k / k!
  const coefficients = Array.from({ length: TERMS }, (_, k) =>
    scaled(power(ln2() >> BigInt(TABLE_BITS), k + 1) / factorial(k + 1), 64),
  );
  const more = rest.mulHigh(series(rest, coefficients, "plus"));
  return leading.add(leading.mulHigh(more));
}

/** whole + fraction / 2^64. */
interface FixedPoint {
  readonly whole: U32;
  readonly fraction: U64;
  /** At least 2048; whole and fraction mean nothing. */
  readonly isHuge: Flag;
}

/** The number mantissa / 2^126 * 2^exponent. */
function fixedPoint(mantissa: Wide, exponent: U32): FixedPoint {
  const shifted = shrWide(mantissa, exponent.subFrom(10).min(127).max(0));
  return {
    whole: shifted.high.shr(52).low(),
    fraction: shifted.high.shl(12).or(shifted.low.shr(52)),
    isHuge: exponent.ltSigned(11).not(),
  };
}

function negated({ whole, fraction, isHuge }: FixedPoint): FixedPoint {
  const borrow = fraction.eq(0n).pick32(0, 1);
  return { whole: whole.add(borrow).subFrom(0), fraction: fraction.subFrom(0n), isHuge };
}

/** 2^t for t = +- mantissa / 2^126 * 2^exponent: beyond the range of doubles where t is. */
export function powerOfTwo(mantissa: Wide, exponent: U32, isNegative: Flag): Magnitude {
  const t = fixedPoint(mantissa, exponent);
  const minus = negated(t);
  const whole = isNegative.pick32(minus.whole, t.whole);
  const far = isNegative.pick32(-FAR, FAR);
  return {
    significand: fractionalPower(isNegative.pick(minus.fraction, t.fraction)),
    exponent: t.isHuge.pick32(far, whole),
  };
}

/** |x| log2(e), for powerOfTwo. */
function inPowersOfTwo({ significand }: Magnitude): Wide {
  return mulWideBy(wide(significand.builder, scaled(log2E(), 127)), significand);
}

/** e^x for finite x. */
function exponentialOf(x: Parts): Magnitude {
  return powerOfTwo(inPowersOfTwo(x), x.exponent, x.isNegative);
}

export function exp(builder: RoutineBuilder): U64 {
  const x = takeApart(builder.parameter(0), "tiny");
  return x.isNan.pick(NAN, putTogether(builder.u64(0n), exponentialOf(x)));
}

export function exp2(builder: RoutineBuilder): U64 {
  const x = takeApart(builder.parameter(0), "tiny");
  const mantissa = { high: x.significand.shr(1), low: builder.u64(0n) };
  const result = powerOfTwo(mantissa, x.exponent, x.isNegative);
  return x.isNan.pick(NAN, putTogether(builder.u64(0n), result));
}

/** e^x and e^-x for x >= 0, both as multiples of 2^(whole - 63): what the hyperbolic functions are made of. */
export function exponentialPair(x: Magnitude): {
  readonly growing: U64;
  readonly falling: U64;
  readonly exponent: U32;
} {
  const t = fixedPoint(inPowersOfTwo(x), x.exponent);
  const isWhole = t.fraction.eq(0n);
  const falling = fractionalPower(t.fraction.subFrom(0n));
  const distance = t.whole.add(t.whole).add(isWhole.pick32(0, 1)).min(63);
  return {
    growing: fractionalPower(t.fraction),
    falling: t.isHuge.pick(0n, falling.shr(distance)),
    exponent: t.isHuge.pick32(FAR, t.whole),
  };
}

/** Below 2^-4 the Taylor series, whose terms do not cancel; above it e^x - 1 loses 4 bits at most. */
export function expm1(builder: RoutineBuilder): U64 {
  const x = takeApart(builder.parameter(0), "tiny");
  const power = exponentialOf(x);
  const above = power.significand.sub(
    power.exponent.ltSigned(64).pick(builder.u64(UNIT).shr(power.exponent.min(63)), 0n),
  );
  const below = power.significand.shr(power.exponent.subFrom(0).min(63)).subFrom(UNIT);
  const zero = builder.u32(0);
  const large = {
    significand: x.isNegative.pick(below, above),
    exponent: x.isNegative.pick32(zero, power.exponent),
  };
  // x + x (x/2 + x^2/6 + ...), x in units of 2^-4
  const scaledX = x.significand.shr(x.exponent.subFrom(-5).min(63));
  const coefficients = Array.from({ length: 10 }, (_, k) =>
    ratio(1n, factorial(k + 2) << BigInt(4 * (k + 1)), 64),
  );
  const more = scaledX.mulHigh(series(scaledX, coefficients, x.isNegative.not()));
  const half = x.significand.shr(1);
  const change = half.mulHigh(more);
  const small = {
    significand: x.isNegative.pick(half.sub(change), half.add(change)),
    exponent: x.exponent.add(1),
  };
  const isSmall = x.exponent.ltSigned(-4);
  const chosen = normalised({
    significand: isSmall.pick(small.significand, large.significand),
    exponent: isSmall.pick32(small.exponent, large.exponent),
  });
  const result = putTogether(x.sign, chosen);
  // Where x^2/2 is less than a quarter of x's last place, x is the result.
  const isTiny = x.exponent.ltSigned(-54);
  return x.isNan.pick(NAN, isTiny.pick(builder.parameter(0), result));
}
