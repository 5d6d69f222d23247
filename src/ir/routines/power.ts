// pow(x, y) = 2^(y log2|x|), with a logarithm of 69 bits: y log2|x| reaches 1075, so that its error stays below 2^-59,
// which is 2^-6 of a last place. Special cases as IEEE 754-2008, 9.2.1, and C99, F.9.4.4, have them.

import type { Flag, RoutineBuilder, U64 } from "../routine_builder.ts";
import { powerOfTwo } from "./exponential.ts";
import { logarithm } from "./logarithm.ts";
import {
  FAR,
  mulWideBy,
  NAN,
  ONE_BITS,
  type Parts,
  putTogether,
  SIGN,
  takeApart,
} from "./words.ts";

/** Whether a finite number is a whole one, and an odd one. */
function wholeness({ significand, exponent, isZero }: Parts): {
  readonly isWhole: Flag;
  readonly isOdd: Flag;
} {
  const isAtLeastOne = exponent.negative().not();
  const hasFraction = isAtLeastOne
    .and(exponent.ltSigned(63))
    .and(significand.shl(exponent.add(1)).eq(0n).not());
  const units = significand.shr(exponent.subFrom(63)).and(1n).eq(1n);
  return {
    isWhole: isZero.or(isAtLeastOne.and(hasFraction.not())),
    isOdd: isAtLeastOne.and(exponent.ltSigned(64)).and(hasFraction.not()).and(units),
  };
}

export function pow(builder: RoutineBuilder): U64 {
  const x = takeApart(builder.parameter(0), "exact");
  const y = takeApart(builder.parameter(1), "tiny");
  const log = logarithm(x, "long");
  const { isWhole, isOdd } = wholeness(y);
  // Infinite where x is 0 or infinite or y is infinite; there the sign is all that counts.
  const isUnbounded = x.isZero.or(x.isInfinite).or(y.isInfinite);
  const logIsNegative = x.magnitude.lt(ONE_BITS);
  const exponent = isUnbounded.pick32(FAR, log.exponent.add(y.exponent));
  const result = powerOfTwo(
    mulWideBy(log.word, y.significand),
    exponent,
    logIsNegative.xor(y.isNegative),
  );
  const sign = x.isNegative.and(isOdd).and(y.isInfinite.not()).pick(SIGN, 0n);
  const general = putTogether(sign, result);
  const isRootOfNegative = x.isNegative.and(
    x.isZero.or(x.isInfinite).or(y.isInfinite).or(isWhole).not(),
  );
  const checked = x.isNan.or(y.isNan).or(isRootOfNegative).pick(NAN, general);
  const isOne = y.isZero.or(builder.parameter(0).eq(ONE_BITS));
  // |x| = 1: the logarithm is zero, whose product with infinity is none.
  const isUnit = x.magnitude.eq(ONE_BITS).and(y.isNan.not()).and(isWhole.or(y.isInfinite));
  return isOne.pick(ONE_BITS, isUnit.pick(sign.or(ONE_BITS), checked));
}
