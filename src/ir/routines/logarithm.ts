// log, log2, log10, log1p, and the logarithm of more than 64 bits that pow needs. After Tang (ACM TOMS 16, 1990), in
// fixed point: x = 2^e m, c of 9 bits with |m c - 1| < 2^-7, and log2(x) = e - log2(c) + log2(1 + r) with the exact
// r = m c - 1. Around 1, where e - log2(c) is 0, the result is r times a series: nothing cancels.

import type { RoutineTable } from "../routine.ts";
import type { Flag, RoutineBuilder, U32, U64 } from "../routine_builder.ts";
import { ln2, log2E, log2Of, log10Of2, ONE, once, scaled } from "./constants.ts";
import {
  addWide,
  type Magnitude,
  mulWide,
  mulWideBy,
  NAN,
  normalised,
  ONE_BITS,
  type Parts,
  pickWide,
  putTogether,
  putTogetherNormal,
  SIGN,
  series,
  shlWide,
  shrWideBy,
  subWide,
  takeApart,
  UNIT,
  type Wide,
  wide,
} from "./words.ts";

const INDEX_BITS = 7;
const SIZE = 1 << INDEX_BITS;
const UNIT_C = 1 << 9;
/** From this entry on m is nearer to 2 than to 1, and belongs to the next power of two: sqrt(2). */
const UPPER_HALF = 53;
/** Fractional bits of e - log2(c). */
const FRACTION = 116;

function reciprocal(j: number): number {
  if (j === 0) return UNIT_C;
  if (j === SIZE - 1) return UNIT_C / 2;
  return Math.round(UNIT_C / (1 + (j + 0.5) / SIZE));
}

const entries = Array.from({ length: SIZE }, (_, j) => j);

const reciprocals = once((): RoutineTable => {
  const values = entries.map((j) => BigInt(reciprocal(j)));
  return { name: "logReciprocals", lane: "u32", values };
});

/** -log2(c), less 1 in the upper half, as 128 bits of which FRACTION are fractional. */
const logarithmsOfReciprocals = once(() =>
  entries.map((j) => {
    const log = log2Of(BigInt(UNIT_C), BigInt(reciprocal(j)));
    return scaled(j < UPPER_HALF ? log : log - ONE, FRACTION);
  }),
);

/** Their upper and lower words. */
function logarithms(part: "High" | "Low"): RoutineTable {
  const shift = part === "High" ? 64n : 0n;
  const values = logarithmsOfReciprocals().map((value) => BigInt.asUintN(64, value >> shift));
  return { name: `logarithms${part}`, lane: "u64", values };
}

/** log2(x) = +- word / 2^127 * 2^exponent, its top bit set. */
interface Logarithm {
  readonly isNegative: Flag;
  readonly word: Wide;
  readonly exponent: U32;
}

/** How much the result is relied on: "long" is exact to about 2^-69 of its value, "short" to 2^-62. */
type Precision = "short" | "long";

/** What is left of x: r = +-deviation / 2^71, and e - log2(c). */
interface Reduced {
  readonly deviation: U64;
  readonly isBelow: Flag;
  readonly rest: Wide;
  readonly isNearOne: Flag;
  /** |r| = leading / 2^71 * 2^-shift; its top bit is set near one. */
  readonly leading: U64;
  readonly shift: U32;
}

function restOf(builder: RoutineBuilder, exponent: U32, index: U32): Wide {
  const adjusted = exponent.add(index.lt(UPPER_HALF).pick32(0, 1));
  return {
    high: adjusted
      .widen()
      .shl(FRACTION - 64)
      .add(builder.lookup64(logarithms("High"), index)),
    low: builder.lookup64(logarithms("Low"), index),
  };
}

const indexOf = (significand: U64): U32 =>
  significand
    .shl(1)
    .shr(64 - INDEX_BITS)
    .low();

/** m of 53 bits times c of 10 is exact in 64. */
function reduced({ significand, exponent }: Magnitude): Reduced {
  const { builder } = significand;
  const index = indexOf(significand);
  const product = significand.shr(11).mul(builder.lookup32(reciprocals(), index).widen());
  const one = 1n << 61n;
  const isBelow = product.lt(one);
  const distance = isBelow.pick(product.subFrom(one), product.sub(one));
  const rest = restOf(builder, exponent, index);
  const isNearOne = rest.high.or(rest.low).eq(0n);
  const shift = isNearOne.pick32(distance.leadingZeros(), 10);
  return {
    deviation: distance.shl(10),
    isBelow,
    rest,
    isNearOne,
    leading: distance.shl(shift),
    shift: shift.sub(10),
  };
}

/** log2(1 + r) / |r| without its sign: log2(e) - r log2(e)/2 + r^2 log2(e)/3 - ..., as 127 fractional bits. */
function slope({ deviation, isBelow }: Reduced, precision: Precision): Wide {
  const { builder } = deviation;
  const terms = precision === "long" ? 10 : 8;
  const coefficients = Array.from({ length: terms - 1 }, (_, k) =>
    scaled(log2E() / BigInt(k + 2) / (1n << BigInt(INDEX_BITS * k)), 64),
  );
  const inner = series(deviation, coefficients, isBelow);
  const first = wide(builder, scaled(log2E(), 127));
  const zero = builder.u64(0n);
  const product =
    precision === "long"
      ? mulWide(deviation, inner)
      : { high: deviation.mulHigh(inner), low: zero };
  const change = shrWideBy(product, 8);
  return pickWide(isBelow, addWide(first, change), subWide(first, change));
}

function logarithmOf(x: Reduced, precision: Precision): Logarithm {
  const { builder } = x.deviation;
  const factor = slope(x, precision);
  const near =
    precision === "long"
      ? mulWideBy(factor, x.leading)
      : { high: factor.high.mulHigh(x.leading), low: builder.u64(0n) };
  const part = shrWideBy(near, 134 - FRACTION);
  const sum = pickWide(x.isBelow, subWide(x.rest, part), addWide(x.rest, part));
  const sumIsNegative = sum.high.negative();
  const positive = pickWide(sumIsNegative, subWide(wide(builder, 0n), sum), sum);
  const chosen = pickWide(x.isNearOne, near, positive);
  const isNegative = x.isNearOne.and(x.isBelow).or(x.isNearOne.not().and(sumIsNegative));
  const places = chosen.high.leadingZeros();
  // near / 2^134 * 2^-shift is the logarithm: 71 bits of r and 127 of the slope, less 64 of the product.
  const scale = x.isNearOne.pick32(x.shift.subFrom(127 - 134), 127 - FRACTION);
  return { isNegative, word: shlWide(chosen, places), exponent: scale.sub(places) };
}

/** log2 of a positive finite number. Of 1 the word is zero. */
export function logarithm(x: Magnitude, precision: Precision): Logarithm {
  return logarithmOf(reduced(x), precision);
}

type Base = "2" | "e" | "10";

/** The logarithm to another base: log2(x) times a constant below 1. */
function inBase({ word, exponent }: Logarithm, base: Base): Magnitude {
  if (base === "2") return { significand: word.high, exponent };
  const factor = scaled(base === "e" ? ln2() : log10Of2(), 64);
  return normalised({ significand: word.high.mulHigh(factor), exponent });
}

function logarithmRoutine(base: Base): (builder: RoutineBuilder) => U64 {
  return (builder) => {
    const x = takeApart(builder.parameter(0), "exact");
    const log = logarithm(x, "short");
    const result = putTogetherNormal(log.isNegative.pick(SIGN, 0n), inBase(log, base));
    const isOne = builder.parameter(0).eq(ONE_BITS);
    return withPoles(x, isOne.pick(0n, result));
  };
}

/** NaN below zero, -infinity at zero, infinity at infinity. */
function withPoles(x: Parts, result: U64): U64 {
  const { builder } = x.sign;
  const above = x.isInfinite.pick(x.magnitude, result);
  const valid = x.isZero.pick(0xfff0000000000000n, above);
  const isInvalid = x.isNan.or(x.isNegative.and(x.isZero.not()));
  return isInvalid.pick(builder.u64(NAN), valid);
}

export const log = logarithmRoutine("e");
export const log2 = logarithmRoutine("2");
export const log10 = logarithmRoutine("10");

/** Of 1 + x for |x| >= 2^-7, which 64 bits hold (exactly, up to x = 2^11; above, what is lost does not count). */
function reducedSum(x: Parts): Reduced {
  const { builder } = x.sign;
  const top = x.exponent.max(0);
  const unit = builder.u64(UNIT >> 1n).shr(top.min(63));
  const other = x.significand.shr(1).shr(top.sub(x.exponent).min(63));
  const sum = normalised({
    significand: x.isNegative.pick(unit.sub(other), unit.add(other)),
    exponent: top.add(1),
  });
  const index = indexOf(sum.significand);
  const c = builder.lookup32(reciprocals(), index).widen().shl(54);
  const product = mulWide(sum.significand, c);
  const one = 1n << 62n;
  const isBelow = product.high.lt(one);
  const above = { high: product.high.sub(one), low: product.low };
  const distance = pickWide(isBelow, subWide(wide(builder, 0n), above), above);
  const deviation = distance.high.shl(9).or(distance.low.shr(55));
  const zero = builder.u32(0);
  return {
    deviation,
    isBelow,
    rest: restOf(builder, sum.exponent, index),
    isNearOne: zero.lt(0),
    leading: deviation,
    shift: zero,
  };
}

/** Of 1 + x for |x| < 2^-7: r is x. */
function reducedNear(x: Parts): Reduced {
  const { builder } = x.sign;
  const zero = builder.u32(0);
  return {
    deviation: x.significand.shr(x.exponent.subFrom(-INDEX_BITS - 1).min(63)),
    isBelow: x.isNegative,
    rest: wide(builder, 0n),
    isNearOne: zero.eq(0),
    leading: x.significand,
    shift: x.exponent.subFrom(-INDEX_BITS - 1),
  };
}

export function log1p(builder: RoutineBuilder): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "tiny");
  const isNear = x.exponent.ltSigned(-INDEX_BITS);
  const [near, sum] = [reducedNear(x), reducedSum(x)];
  const log = logarithmOf(
    {
      deviation: isNear.pick(near.deviation, sum.deviation),
      isBelow: isNear.and(near.isBelow).or(isNear.not().and(sum.isBelow)),
      rest: pickWide(isNear, near.rest, sum.rest),
      isNearOne: isNear,
      leading: isNear.pick(near.leading, sum.leading),
      shift: isNear.pick32(near.shift, sum.shift),
    },
    "short",
  );
  const result = putTogether(log.isNegative.pick(SIGN, 0n), inBase(log, "e"));
  // x - x^2/2 is x to the last place.
  const isTiny = x.exponent.ltSigned(-54);
  const finite = isTiny.pick(bits, result);
  const isMinusOne = bits.eq(ONE_BITS | SIGN);
  const valid = isMinusOne.pick(0xfff0000000000000n, x.isInfinite.pick(x.magnitude, finite));
  const isInvalid = x.isNan.or(x.isNegative.and(builder.u64(ONE_BITS).lt(x.magnitude)));
  return isInvalid.pick(NAN, valid);
}
