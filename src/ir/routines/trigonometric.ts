// sin, cos, tan for every double. Argument reduction after Payne and Hanek (SIGNUM 18, 1983): x * 2/pi modulo 4, from
// those 192 bits of 2/pi that count. No double is nearer than 2^-62 to a multiple of pi/2 (Muller et al., Handbook of
// Floating-Point Arithmetic, 11.6), so that 64 of the 126 bits of the fraction are left in the worst case. One way for
// all arguments is cheaper than a choice where all lanes of a GPU would take both ways.

import type { RoutineTable } from "../routine.ts";
import type { Flag, RoutineBuilder, U32, U64 } from "../routine_builder.ts";
import { factorial, once, pi, ratio, scaled, twoOverPi } from "./constants.ts";
import { quotient } from "./quotient.ts";
import {
  addLow,
  type Magnitude,
  mulWide,
  NAN,
  normalised,
  type Parts,
  pickWide,
  putTogetherNormal,
  SIGN,
  series,
  shlWide,
  subWide,
  takeApart,
  UNIT,
  wide,
} from "./words.ts";

const WORDS = 22;
/** Zeros before the first bit of 2/pi, for arguments whose window starts before it. */
const LEADING_ZEROS = 128;
/** Smaller arguments are not reduced: sin x = x, cos x = 1. */
const TINY = -27;
const TERMS = 10;

const twoOverPiWords = once((): RoutineTable => {
  const bits = twoOverPi(WORDS * 64 - LEADING_ZEROS);
  const values = Array.from({ length: WORDS }, (_, k) =>
    BigInt.asUintN(64, bits >> BigInt(64 * (WORDS - 1 - k))),
  );
  return { name: "twoOverPi", lane: "u64", values };
});

/** x = quadrant * pi/2 +- angle, angle up to pi/4. */
interface Reduced {
  readonly quadrant: U32;
  readonly isNegative: Flag;
  readonly angle: Magnitude;
}

function reduced({ significand, exponent }: Magnitude): Reduced {
  const { builder } = significand;
  // Bits before 2^(54 - exponent) give multiples of 4.
  const start = exponent.max(TINY).add(LEADING_ZEROS - 54);
  const [index, shift] = [start.shr(6), start.and(63)];
  const table = twoOverPiWords();
  const words = [0, 1, 2, 3].map((k) => builder.lookup64(table, index.add(k)));
  const back = shift.subFrom(63);
  const [w2, w1, w0] = [0, 1, 2].map((k) =>
    (words[k] as U64).shl(shift).or((words[k + 1] as U64).shr(1).shr(back)),
  ) as [U64, U64, U64];
  const m = significand.shr(11);
  const middle = addLow(mulWide(m, w1), m.mulHigh(w0));
  const product = { high: middle.high.add(m.mul(w2)), low: middle.low };
  // Two bits of quadrant, 126 of fraction, which is rounded to -1/2 .. 1/2.
  const fraction = {
    high: product.high.shl(2).or(product.low.shr(62)),
    low: product.low.shl(2),
  };
  const isNegative = fraction.high.negative();
  const distance = pickWide(isNegative, subWide(wide(builder, 0n), fraction), fraction);
  const places = distance.high.leadingZeros();
  const angle = shlWide(distance, places).high.mulHigh(scaled(pi(), 62));
  return {
    quadrant: product.high.shr(62).low().add(isNegative.pick32(1, 0)),
    isNegative,
    angle: normalised({ significand: angle, exponent: places.subFrom(0) }),
  };
}

const sineTerms = () =>
  Array.from({ length: TERMS - 1 }, (_, k) => ratio(1n, factorial(2 * k + 3), 64));
const cosineTerms = () =>
  Array.from({ length: TERMS }, (_, k) => ratio(1n, factorial(2 * k + 2), 64));

/** angle^2, in units of 2^-64. */
function square({ significand, exponent }: Magnitude): U64 {
  const angle = significand.shr(exponent.subFrom(-1).min(63));
  return angle.mulHigh(angle);
}

/** angle (1 - angle^2/6 + ...) */
function sine(angle: Magnitude, squared: U64): Magnitude {
  const less = squared.mulHigh(series(squared, sineTerms(), "minus"));
  const significand = angle.significand.sub(angle.significand.mulHigh(less));
  return normalised({ significand, exponent: angle.exponent });
}

/** 1 - angle^2/2 + ... */
function cosine(squared: U64): Magnitude {
  const { builder } = squared;
  const less = squared.mulHigh(series(squared, cosineTerms(), "minus"));
  return normalised({ significand: less.shr(1).subFrom(UNIT), exponent: builder.u32(0) });
}

function finished(x: Parts, tiny: U64, result: U64): U64 {
  const finite = x.exponent.ltSigned(TINY).pick(tiny, result);
  return x.isNan.or(x.isInfinite).pick(NAN, finite);
}

/** `quarter`: how many quarters of a turn the function is ahead of the sine. */
function wave(builder: RoutineBuilder, quarter: 0 | 1): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "tiny");
  const { quadrant, isNegative, angle } = reduced(x);
  // The cosine is even.
  const turned = quarter === 1 ? quadrant.add(1) : quadrant;
  const usesCosine = turned.and(1).eq(1);
  const isBelow = turned.and(2).eq(2);
  const squared = square(angle);
  const [s, c] = [sine(angle, squared), cosine(squared)];
  const significand = usesCosine.pick(c.significand, s.significand);
  const exponent = usesCosine.pick32(c.exponent, s.exponent);
  const flipped = isBelow.xor(usesCosine.not().and(isNegative));
  const own = flipped.pick(SIGN, 0n);
  const sign = quarter === 1 ? own : own.xor(x.sign);
  const result = putTogetherNormal(sign, { significand, exponent });
  const tiny = quarter === 1 ? builder.u64(0x3ff0000000000000n) : bits;
  return finished(x, tiny, result);
}

export const sin = (builder: RoutineBuilder): U64 => wave(builder, 0);
export const cos = (builder: RoutineBuilder): U64 => wave(builder, 1);

export function tan(builder: RoutineBuilder): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "tiny");
  const { quadrant, isNegative, angle } = reduced(x);
  const squared = square(angle);
  const [s, c] = [sine(angle, squared), cosine(squared)];
  const isInverted = quadrant.and(1).eq(1);
  const above: Magnitude = {
    significand: isInverted.pick(c.significand, s.significand),
    exponent: isInverted.pick32(c.exponent, s.exponent),
  };
  const below: Magnitude = {
    significand: isInverted.pick(s.significand, c.significand),
    exponent: isInverted.pick32(s.exponent, c.exponent),
  };
  const sign = isInverted.xor(isNegative).pick(SIGN, 0n).xor(x.sign);
  const result = putTogetherNormal(sign, normalised(quotient(above, below)));
  return finished(x, bits, result);
}
