// The float operations of the IR on doubles. For f32 every result is rounded by Math.fround: for + - * / and sqrt of
// floats, rounding through double is innocuous (53 >= 2 * 24 + 2); rem, floor, ceil, trunc and round are exact.

/** CPython's float_divmod. `round` rounds each step to the lane. */
export function floorDivMod(
  a: number,
  b: number,
  round: (value: number) => number,
): { readonly quotient: number; readonly modulus: number } {
  if (b === 0) return { quotient: round(a / b), modulus: Number.NaN };
  let modulus = a % b;
  let quotient = round(round(a - modulus) / b);
  if (modulus !== 0) {
    if (b < 0 !== modulus < 0) {
      modulus = round(modulus + b);
      quotient = round(quotient - 1);
    }
  } else {
    modulus = b < 0 ? -0 : 0;
  }
  if (quotient === 0) return { quotient: copySign(0, round(a / b)), modulus };
  const floor = Math.floor(quotient);
  return { quotient: round(quotient - floor) > 0.5 ? round(floor + 1) : floor, modulus };
}

function copySign(magnitude: number, sign: number): number {
  return sign < 0 || Object.is(sign, -0) ? -magnitude : magnitude;
}

/** Halves away from zero; keeps the sign of zero. */
export function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  if (Math.abs(value - whole) < 0.5 || !Number.isFinite(value)) return whole;
  return whole + Math.sign(value);
}
