// The real numbers that routines need, computed when they are first asked for: integers that count 2^-PRECISION.

const PRECISION = 320n;
export const ONE = 1n << PRECISION;

/** A real number of this module times 2^bits, to nearest. */
export function scaled(real: bigint, bits: number): bigint {
  const shift = PRECISION - BigInt(bits);
  return (real + (1n << (shift - 1n))) >> shift;
}

/** A rational number times 2^bits, to nearest, for numbers below 2^64. */
export function ratio(numerator: bigint, denominator: bigint, bits: number): bigint {
  return scaled((numerator * ONE) / denominator, bits);
}

export function factorial(n: number): bigint {
  return n < 2 ? 1n : BigInt(n) * factorial(n - 1);
}

export function multiply(a: bigint, b: bigint): bigint {
  return (a * b) >> PRECISION;
}

export function power(a: bigint, exponent: number): bigint {
  let product = ONE;
  for (let k = 0; k < exponent; k++) product = multiply(product, a);
  return product;
}

/** The square root of a number of this module, rounded down (Newton's iteration). */
export function squareRoot(a: bigint): bigint {
  const n = a << PRECISION;
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The cube root, rounded down. */
export function cubeRoot(a: bigint): bigint {
  const n = a << (2n * PRECISION);
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 3));
  for (;;) {
    const next = (2n * root + n / (root * root)) / 3n;
    if (next >= root) return root;
    root = next;
  }
}

/** Terms x^(2k+1) / (2k+1) of x = numerator / denominator, with the signs of atan or of its hyperbolic sibling. */
function arcTangentSeries(numerator: bigint, denominator: bigint, sign: 1n | -1n, one = ONE) {
  let term = (numerator * one) / denominator;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 2n) {
    sum += term / k;
    term = (sign * term * numerator * numerator) / (denominator * denominator);
  }
  return sum;
}

/** The natural logarithm of a positive fraction, fast near 1. */
function naturalLogarithm(numerator: bigint, denominator: bigint): bigint {
  return 2n * arcTangentSeries(numerator - denominator, numerator + denominator, 1n);
}

/** Computed when it is first asked for. */
export function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

export const ln2 = once(() => naturalLogarithm(2n, 1n));
export const log2Of = (numerator: bigint, denominator: bigint): bigint =>
  (naturalLogarithm(numerator, denominator) * ONE) / ln2();
export const log2E = once(() => (ONE * ONE) / ln2());
/** log10(2). */
export const log10Of2 = once(() => (ln2() * ONE) / (3n * ln2() + naturalLogarithm(10n, 8n)));

/** atan(numerator / denominator) for a fraction up to 1: halved first, where the series would be slow. */
export function arcTangent(numerator: bigint, denominator: bigint): bigint {
  // atan(t) = 2 atan(t / (1 + sqrt(1 + t^2)))
  const t = (numerator * ONE) / denominator;
  const half = (t * ONE) / (ONE + squareRoot(ONE + multiply(t, t)));
  const quarter = (half * ONE) / (ONE + squareRoot(ONE + multiply(half, half)));
  return 4n * arcTangentSeries(quarter, ONE, -1n);
}

/** pi times 2^bits, by Machin's formula. */
function piTimes(bits: bigint): bigint {
  const one = 1n << (bits + 16n);
  const machin = 4n * arcTangentSeries(1n, 5n, -1n, one) - arcTangentSeries(1n, 239n, -1n, one);
  return (4n * machin) >> 16n;
}

export const pi = once(() => piTimes(PRECISION));

/** floor(2 / pi * 2^bits). */
export function twoOverPi(bits: number): bigint {
  const precision = BigInt(bits + 64);
  return (2n << (precision + BigInt(bits))) / piTimes(precision);
}
