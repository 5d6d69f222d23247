// atan, atan2, asin, acos: the angle of a point (x, y). With t = small / large side <= 1 and the nearest c = j/32,
// atan t = atan c + atan((small - c large) / (large + c small)): one division, a table, 6 terms of the Taylor series.

import type { RoutineTable } from "../routine.ts";
import type { Flag, RoutineBuilder, U64 } from "../routine_builder.ts";
import { arcTangent, once, pi, ratio, scaled } from "./constants.ts";
import { reciprocal, roughReciprocal, squareRootOf } from "./quotient.ts";
import {
  FAR,
  type Magnitude,
  NAN,
  normalised,
  ONE_BITS,
  type Parts,
  putTogether,
  series,
  takeApart,
  UNIT,
} from "./words.ts";

const STEPS = 32;

/** atan(j / 32), in units of 2^-64. */
const arcTangents = once((): RoutineTable => {
  const values = Array.from({ length: STEPS + 1 }, (_, j) =>
    scaled(arcTangent(BigInt(j), BigInt(STEPS)), 64),
  );
  return { name: "arcTangents", lane: "u64", values };
});

const terms = () =>
  Array.from({ length: 6 }, (_, k) => ratio(1n, BigInt(2 * k + 3) << BigInt(10 * (k + 1)), 64));

/** t^2/3 - t^4/5 + ... in units of 2^-64, for t in units of 2^-69. */
function curvature(t: U64): U64 {
  const squared = t.mulHigh(t);
  return squared.mulHigh(series(squared, terms(), "minus"));
}

/** atan(small / large), small <= large. */
function angleOf(small: Magnitude, large: Magnitude): Magnitude {
  const { builder } = large.significand;
  const distance = large.exponent.sub(small.exponent);
  const aligned = small.significand.shr(distance.min(63));
  const rough = aligned.high().mulHigh(roughReciprocal(large.significand)); // t in units of 2^-31
  const step = rough.add(2 ** 25).shr(26);
  const c = step.widen().shl(58);
  // Both sides halved: the sum needs the room.
  const over = aligned.shr(1);
  const along = large.significand.mulHigh(c);
  const isBelow = over.lt(along);
  const rest = isBelow.pick(along.sub(over), over.sub(along));
  const turned = normalised({
    significand: large.significand.shr(1).add(aligned.mulHigh(c)),
    exponent: builder.u32(0),
  });
  const isFirst = step.eq(0);
  const numerator = isFirst.pick(small.significand, rest.shl(5));
  const divisor = isFirst.pick(large.significand, turned.significand);
  const t = numerator.mulHigh(reciprocal(divisor));
  const narrow = t.shr(distance.sub(5).max(0).min(63)).shl(1);
  const shifted = isFirst.pick(narrow, t.shl(turned.exponent.subFrom(1)));
  const bend = curvature(shifted);
  const first = t.sub(t.mulHigh(bend));
  const change = shifted.sub(shifted.mulHigh(bend)).shr(5);
  const table = builder.lookup64(arcTangents(), step);
  const other = isBelow.pick(table.sub(change), table.add(change));
  return {
    significand: isFirst.pick(first, other),
    exponent: isFirst.pick32(distance.subFrom(0), -1),
  };
}

interface Point {
  readonly x: Magnitude;
  readonly y: Magnitude;
  readonly isSteep: Flag;
  /** Is x negative? */
  readonly isLeft: Flag;
  /** Is the smaller side zero? */
  readonly isAxis: Flag;
}

/** The angle of (x, |y|) from the positive x axis, 0..pi. */
function angleFromAxis({ x, y, isSteep, isLeft, isAxis }: Point): Magnitude {
  const { builder } = x.significand;
  const pick = (yes: Magnitude, no: Magnitude): Magnitude => ({
    significand: isSteep.pick(yes.significand, no.significand),
    exponent: isSteep.pick32(yes.exponent, no.exponent),
  });
  const angle = angleOf(pick(x, y), pick(y, x));
  const significand = isAxis.pick(0n, angle.significand);
  // In units of 2^-62, where pi fits.
  const fixed = significand.shr(angle.exponent.subFrom(1).min(63));
  const quarter = builder.u64(scaled(pi(), 61));
  const steep = isLeft.pick(quarter.add(fixed), quarter.sub(fixed));
  const flat = fixed.subFrom(scaled(pi(), 62));
  const fromAxis = isSteep.pick(steep, flat);
  const isPlain = isSteep.or(isLeft).not();
  return normalised({
    significand: isPlain.pick(significand, fromAxis),
    exponent: isPlain.pick32(angle.exponent, 1),
  });
}

export function atan(builder: RoutineBuilder): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "tiny");
  const one = { significand: builder.u64(UNIT), exponent: builder.u32(0) };
  const isSteep = builder.u64(ONE_BITS).lt(x.magnitude);
  const never = builder.u32(0).lt(0);
  const point = { x: one, y: x, isSteep, isLeft: never, isAxis: never };
  const result = putTogether(x.sign, angleFromAxis(point));
  const isTiny = x.exponent.ltSigned(-27);
  return x.isNan.pick(NAN, isTiny.pick(bits, result));
}

/** Infinity as a side: longer than every finite one. */
function side({ significand, exponent, isInfinite }: Parts): Magnitude {
  return { significand, exponent: isInfinite.pick32(FAR, exponent) };
}

export function atan2(builder: RoutineBuilder): U64 {
  const y = takeApart(builder.parameter(0), "exact");
  const x = takeApart(builder.parameter(1), "exact");
  const isSteep = x.magnitude.lt(y.magnitude);
  const isAxis = isSteep.pick(x.magnitude, y.magnitude).eq(0n);
  const angle = angleFromAxis({
    x: side(x),
    y: side(y),
    isSteep,
    isLeft: x.isNegative,
    isAxis,
  });
  const isNothing = angle.significand.eq(0n);
  const result = isNothing.pick(y.sign, putTogether(y.sign, angle));
  return x.isNan.or(y.isNan).pick(NAN, result);
}

/** sqrt(1 - x^2) for |x| < 1, as the root of (1 - |x|) (1 + |x|), whose factors are exact. */
function otherSide({ significand, exponent }: Magnitude): Magnitude {
  const fixed = significand.shr(exponent.subFrom(0).max(0).min(63));
  const less = normalised({
    significand: fixed.subFrom(UNIT),
    exponent: significand.builder.u32(1),
  });
  const product = less.significand.mulHigh(fixed.add(UNIT));
  return squareRootOf(normalised({ significand: product, exponent: less.exponent }));
}

/** Of a point on the unit circle one of whose sides is given, compared with 1/sqrt(2) to find the longer one. */
function onCircle(known: Parts, given: "x" | "y"): Magnitude {
  const { builder } = known.sign;
  const other = otherSide(known);
  const isLong = builder.u64(0x3fe6a09e667f3bccn).lt(known.magnitude);
  const never = builder.u32(0).lt(0);
  const isUnit = known.magnitude.eq(ONE_BITS);
  return angleFromAxis({
    x: given === "x" ? known : other,
    y: given === "x" ? other : known,
    isSteep: given === "x" ? isLong.not() : isLong,
    isLeft: given === "x" ? known.isNegative : never,
    isAxis: isUnit.or(known.isZero),
  });
}

const isOutside = (x: Parts): Flag => x.sign.builder.u64(ONE_BITS).lt(x.magnitude);

export function asin(builder: RoutineBuilder): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "tiny");
  const result = putTogether(x.sign, onCircle(x, "y"));
  const isTiny = x.exponent.ltSigned(-27);
  return isOutside(x).pick(NAN, isTiny.pick(bits, result));
}

export function acos(builder: RoutineBuilder): U64 {
  const x = takeApart(builder.parameter(0), "tiny");
  const angle = onCircle(x, "x");
  const zero = builder.u64(0n);
  const result = angle.significand.eq(0n).pick(zero, putTogether(zero, angle));
  return isOutside(x).pick(NAN, result);
}
