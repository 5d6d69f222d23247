// Exact arithmetic on BigInt rationals, and their rounding to the nearest float, once. The reference executor computes
// with it, and tests compare the fast roundings of the other executors with it.

export interface FloatFormat {
  /** Bits of a normal number's mantissa, the hidden one included. */
  readonly precision: number;
  /** Exponent of the lowest bit of the smallest subnormal. */
  readonly lowestExponent: number;
  /** 2^overflow is the first power of two that is not finite. */
  readonly overflow: number;
}

export const BINARY64: FloatFormat = { precision: 53, lowestExponent: -1074, overflow: 1024 };
export const BINARY32: FloatFormat = { precision: 24, lowestExponent: -149, overflow: 128 };

/** mantissa * 2^exponent. The mantissa is odd, or zero. */
export interface Scaled {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const scratch = new Float64Array(1);
const scratchBits = new BigUint64Array(scratch.buffer);

/** A finite double, exactly. */
export function decompose(value: number): Scaled {
  if (value === 0) return { mantissa: 0n, exponent: 0 };
  scratch[0] = value;
  const bits = scratchBits[0] as bigint;
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  let mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  let exponent = Math.max(biased, 1) - 1075;
  while ((mantissa & 0xffn) === 0n) {
    mantissa >>= 8n;
    exponent += 8;
  }
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  return { mantissa: value < 0 ? -mantissa : mantissa, exponent };
}

/**
 * The float nearest to numerator / denominator * 2^exponent, ties to even; the denominator is positive. Zero gives +0;
 * what underflows keeps its sign.
 */
export function roundRatio(
  numerator: bigint,
  denominator: bigint,
  exponent = 0,
  format: FloatFormat = BINARY64,
): number {
  if (numerator === 0n) return 0;
  const magnitude = numerator < 0n ? -numerator : numerator;
  const rounded = roundPositive(magnitude, denominator, exponent, format);
  return numerator < 0n ? -rounded : rounded;
}

function roundPositive(
  numerator: bigint,
  denominator: bigint,
  exponent: number,
  format: FloatFormat,
): number {
  // The quotient lies in [2^(top - 1), 2^(top + 1)); `unit` is the exponent of the last bit that the result keeps.
  const top = bitLength(numerator) - bitLength(denominator) + exponent;
  if (top > format.overflow + 1) return Number.POSITIVE_INFINITY;
  let unit = Math.max(top - format.precision, format.lowestExponent);
  let [quotient, remainder, divisor] = divideScaled(numerator, denominator, exponent - unit);
  if (bitLength(quotient) > format.precision) {
    unit += 1;
    [quotient, remainder, divisor] = divideScaled(numerator, denominator, exponent - unit);
  }
  const twice = remainder * 2n;
  if (twice > divisor || (twice === divisor && (quotient & 1n) === 1n)) quotient += 1n;
  if (bitLength(quotient) + unit > format.overflow) return Number.POSITIVE_INFINITY;
  return scaleByPowerOfTwo(Number(quotient), unit);
}

/** floor(numerator * 2^shift / denominator), the remainder, and the divisor that it is a remainder of. */
function divideScaled(
  numerator: bigint,
  denominator: bigint,
  shift: number,
): [quotient: bigint, remainder: bigint, divisor: bigint] {
  const scaled = shift > 0 ? numerator << BigInt(shift) : numerator;
  const divisor = shift < 0 ? denominator << BigInt(-shift) : denominator;
  const quotient = scaled / divisor;
  return [quotient, scaled - quotient * divisor, divisor];
}

/** The float nearest to the square root of numerator / denominator * 2^exponent; none is negative. */
export function roundSquareRoot(
  numerator: bigint,
  denominator: bigint,
  exponent = 0,
  format: FloatFormat = BINARY64,
): number {
  if (numerator === 0n) return 0;
  // A radicand of twice the bits that the result needs, times an even power of two.
  const missing = 2 * (format.precision + 3) - (bitLength(numerator) - bitLength(denominator));
  const shift = missing + ((missing + exponent) & 1);
  const [radicand, remainder] = divideScaled(numerator, denominator, shift);
  const root = integerSquareRoot(radicand);
  const inexact = remainder !== 0n || root * root !== radicand;
  // One sticky bit below the root stands for all that was cut off.
  return roundRatio(root * 2n + (inexact ? 1n : 0n), 1n, (exponent - shift) / 2 - 1, format);
}

/** floor(sqrt(value)), by Newton's iteration from above. */
export function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(bitLength(value) / 2));
  while (true) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Bits of a non-negative integer: the smallest n with value < 2^n. */
export function bitLength(value: bigint): number {
  if (value <= 0xffff_ffffn) return 32 - Math.clz32(Number(value));
  const digits = value.toString(16);
  return (digits.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(digits.charAt(0), 16));
}

/** value * 2^exponent, for a result that is a double. */
function scaleByPowerOfTwo(value: number, exponent: number): number {
  if (exponent > 900) return value * 2 ** 100 * powerOfTwo(exponent - 100);
  return exponent < -1022
    ? value * powerOfTwo(-1022) * powerOfTwo(exponent + 1022)
    : value * powerOfTwo(exponent);
}

/** 2^exponent for -1022 <= exponent <= 1023, from its bits: Math.pow is not promised to be exact. */
function powerOfTwo(exponent: number): number {
  scratchBits[0] = BigInt(exponent + 1023) << 52n;
  return scratch[0] as number;
}
