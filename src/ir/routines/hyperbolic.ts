// sinh, cosh, tanh from e^x and e^-x; below 1/2 the Taylor series of sinh, whose terms do not cancel.

import type { RoutineBuilder, U64 } from "../routine_builder.ts";
import { factorial, ratio } from "./constants.ts";
import { exponentialPair } from "./exponential.ts";
import { quotient } from "./quotient.ts";
import {
  type Magnitude,
  NAN,
  normalised,
  ONE_BITS,
  type Parts,
  putTogether,
  series,
  takeApart,
} from "./words.ts";

/** |x| (1 + x^2/6 + ...) for |x| < 1/2. */
function smallSine({ significand, exponent }: Magnitude): Magnitude {
  const fixed = significand.shr(exponent.subFrom(-1).max(0).min(63));
  const squared = fixed.mulHigh(fixed);
  const coefficients = Array.from({ length: 8 }, (_, k) => ratio(1n, factorial(2 * k + 3), 64));
  const more = squared.mulHigh(series(squared, coefficients, "plus"));
  const half = significand.shr(1);
  return { significand: half.add(half.mulHigh(more)), exponent: exponent.add(1) };
}

/** sinh |x| and cosh |x|. */
function both(x: Parts): { readonly sine: Magnitude; readonly cosine: Magnitude } {
  const { growing, falling, exponent } = exponentialPair(x);
  const isSmall = x.exponent.ltSigned(-1);
  const small = smallSine(x);
  return {
    sine: normalised({
      significand: isSmall.pick(small.significand, growing.sub(falling)),
      exponent: isSmall.pick32(small.exponent, exponent.sub(1)),
    }),
    cosine: normalised({ significand: growing.shr(1).add(falling.shr(1)), exponent }),
  };
}

/** sinh x = x where x^3/6 does not reach the last place; so is tanh. */
const TINY = -27;

export function sinh(builder: RoutineBuilder): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "tiny");
  const result = putTogether(x.sign, both(x).sine);
  return x.isNan.pick(NAN, x.exponent.ltSigned(TINY).pick(bits, result));
}

export function cosh(builder: RoutineBuilder): U64 {
  const x = takeApart(builder.parameter(0), "tiny");
  return x.isNan.pick(NAN, putTogether(builder.u64(0n), both(x).cosine));
}

export function tanh(builder: RoutineBuilder): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "tiny");
  const { sine, cosine } = both(x);
  const result = putTogether(x.sign, normalised(quotient(sine, cosine)));
  // tanh 32 is nearer to 1 than any other double.
  const isOne = x.exponent.ltSigned(5).not();
  const bounded = isOne.pick(x.sign.or(ONE_BITS), result);
  return x.isNan.pick(NAN, x.exponent.ltSigned(TINY).pick(bits, bounded));
}
