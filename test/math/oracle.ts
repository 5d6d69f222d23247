// What the mathematical functions are, to more than 180 bits: other algorithms than those of src/ir/routines, on other
// numbers. For finite operands inside the domains.

import type { RoutineName } from "../../src/ir/index.ts";
import {
  add,
  type Big,
  big,
  divide,
  double,
  fromDouble,
  isNegative,
  magnitude,
  multiply,
  negate,
  ONE,
  root,
  sizeOf,
  subtract,
  sumOf,
  toScale,
  whole,
  ZERO,
} from "./big_float.ts";

/** 2 atanh(z) for small z. */
function twiceArTanh(z: Big): Big {
  const squared = multiply(z, z);
  let [power, sum] = [z, z];
  for (let k = 3; sizeOf(power) > sizeOf(sum) - 240 && power.mantissa !== 0n; k += 2) {
    power = multiply(power, squared);
    sum = add(sum, divide(power, whole(k)));
  }
  return double(sum);
}

const LN2 = twiceArTanh(divide(ONE, whole(3)));
const LN10 = add(multiply(whole(3), LN2), twiceArTanh(divide(ONE, whole(9))));

/** pi * 2^2600, by the Gauss-Legendre iteration. */
const PI_BITS = 2600;
function computePi(): bigint {
  const bits = BigInt(PI_BITS + 64);
  const isqrt = (n: bigint): bigint => {
    let guess = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
    for (;;) {
      const next = (guess + n / guess) >> 1n;
      if (next >= guess) return guess;
      guess = next;
    }
  };
  let a = 1n << bits;
  let b = isqrt(1n << (2n * bits - 1n));
  let t = 1n << (bits - 2n);
  for (let power = 0n; power < 12n; power++) {
    const mean = (a + b) >> 1n;
    b = isqrt(a * b);
    t -= (((a - mean) * (a - mean)) >> bits) << power;
    a = mean;
  }
  return (((a + b) * (a + b)) / (4n * t)) >> 64n;
}
const PI_INTEGER = computePi();
const PI = big(PI_INTEGER, -PI_BITS);

/** sum x^k / k! */
const taylor = (x: Big): Big => sumOf(ONE, (term, k) => divide(multiply(term, x), whole(k)));

function exp(x: Big): Big {
  const quotient = divide(x, LN2);
  const k = Number(toScale(quotient, 0));
  let result = taylor(double(subtract(x, multiply(whole(k), LN2)), -8));
  for (let step = 0; step < 8; step++) result = multiply(result, result);
  return double(result, k);
}

function expm1(x: Big): Big {
  if (sizeOf(x) > 0) return subtract(exp(x), ONE);
  return sumOf(x, (term, k) => divide(multiply(term, x), whole(k + 1)));
}

function log(x: Big): Big {
  // The power of two that leaves 0.7 .. 1.5.
  let k = sizeOf(x);
  while (isNegative(subtract(double(x, -k), divide(whole(3), whole(4))))) k -= 1;
  const m = double(x, -k);
  return add(multiply(whole(k), LN2), twiceArTanh(divide(subtract(m, ONE), add(m, ONE))));
}

function log1p(x: Big): Big {
  if (sizeOf(x) > -2) return log(add(ONE, x));
  return twiceArTanh(divide(x, add(x, whole(2))));
}

interface Reduced {
  readonly quadrant: number;
  readonly rest: Big;
}

function reduce(x: Big): Reduced {
  if (sizeOf(x) < -1) return { quadrant: 0, rest: x };
  // Exact: x has at most 1074 fractional bits; pi/2 is good for quotients of 1024.
  const scaledX = toScale(x, PI_BITS);
  const half = PI_INTEGER / 2n;
  let quotient = scaledX / half;
  let rest = scaledX - quotient * half;
  if (2n * (rest < 0n ? -rest : rest) > half) {
    const step = rest < 0n ? -1n : 1n;
    quotient += step;
    rest -= step * half;
  }
  return { quadrant: Number(((quotient % 4n) + 4n) % 4n), rest: big(rest, -PI_BITS) };
}

const sineSeries = (x: Big, sign: 1 | -1): Big => {
  const squared = multiply(x, x);
  return sumOf(x, (term, k) =>
    divide(multiply(term, squared), whole(sign * (2 * k) * (2 * k + 1))),
  );
};
const cosineSeries = (x: Big): Big => {
  const squared = multiply(x, x);
  return sumOf(ONE, (term, k) => divide(multiply(term, squared), whole(-(2 * k - 1) * (2 * k))));
};

function wave(x: Big, ahead: 0 | 1): Big {
  const { quadrant, rest } = reduce(x);
  const turned = (quadrant + ahead) % 4;
  const value = turned % 2 === 1 ? cosineSeries(rest) : sineSeries(rest, -1);
  return turned >= 2 ? negate(value) : value;
}

/** atan of a number of any size: halved thrice, then the series. */
function atan(x: Big): Big {
  if (sizeOf(x) > 4) {
    const quarter = double(PI, -1);
    const rest = atan(divide(ONE, x));
    return subtract(isNegative(x) ? negate(quarter) : quarter, rest);
  }
  let t = x;
  const halvings = sizeOf(x) < -40 ? 0 : 4;
  for (let k = 0; k < halvings; k++) {
    t = divide(t, add(ONE, root(add(ONE, multiply(t, t)), 2)));
  }
  const squared = multiply(t, t);
  let [power, sum] = [t, t];
  for (let k = 3; sizeOf(power) > sizeOf(sum) - 240 && power.mantissa !== 0n; k += 2) {
    power = negate(multiply(power, squared));
    sum = add(sum, divide(power, whole(k)));
  }
  return double(sum, halvings);
}

function atan2(y: Big, x: Big): Big {
  if (x.mantissa === 0n) return isNegative(y) ? negate(double(PI, -1)) : double(PI, -1);
  const angle = atan(divide(y, x));
  if (!isNegative(x)) return angle;
  return isNegative(y) ? subtract(angle, PI) : add(angle, PI);
}

const otherSide = (x: Big): Big => {
  const squared = multiply(subtract(ONE, x), add(ONE, x));
  return squared.mantissa === 0n ? ZERO : root(squared, 2);
};

function sinh(x: Big): Big {
  if (sizeOf(x) < 2) return sineSeries(x, 1);
  return double(subtract(exp(x), exp(negate(x))), -1);
}
const cosh = (x: Big): Big => double(add(exp(x), exp(negate(x))), -1);

type Unary = (x: Big) => Big;
const UNARY: Readonly<Partial<Record<RoutineName, Unary>>> = {
  exp,
  expm1,
  exp2: (x) => exp(multiply(x, LN2)),
  log,
  log1p,
  log2: (x) => divide(log(x), LN2),
  log10: (x) => divide(log(x), LN10),
  sin: (x) => wave(x, 0),
  cos: (x) => wave(x, 1),
  tan: (x) => divide(wave(x, 0), wave(x, 1)),
  asin: (x) => atan2(x, otherSide(x)),
  acos: (x) => atan2(otherSide(x), x),
  atan,
  sinh,
  cosh,
  tanh: (x) => (sizeOf(x) > 8 ? (isNegative(x) ? negate(ONE) : ONE) : divide(sinh(x), cosh(x))),
  cbrt: (x) => (isNegative(x) ? negate(root(negate(x), 3)) : root(x, 3)),
  degrees: (x) => divide(multiply(x, whole(180)), PI),
  radians: (x) => divide(multiply(x, PI), whole(180)),
};

function pow(x: Big, y: Big, yValue: number): Big {
  const result = exp(multiply(y, log(magnitude(x))));
  return isNegative(x) && Math.abs(yValue % 2) === 1 ? negate(result) : result;
}

/** The exact value; null where the function has none, an infinite one, or one far outside the range of doubles. */
export function exactly(name: RoutineName, a: number, b: number): Big | null {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return null;
  const [x, y] = [fromDouble(a), fromDouble(b)];
  switch (name) {
    case "pow":
      if (a === 0 || b === 0 || (a < 0 && !Number.isInteger(b))) return null;
      if (Math.abs(b * Math.log2(Math.abs(a))) > 3000) return null;
      return pow(x, y, b);
    case "atan2":
      return a === 0 ? null : atan2(x, y);
    case "hypot":
      return a === 0 && b === 0 ? null : root(add(multiply(x, x), multiply(y, y)), 2);
    default:
      return isInside(name, a) ? (UNARY[name]?.(x) ?? null) : null;
  }
}

function isInside(name: RoutineName, a: number): boolean {
  switch (name) {
    case "log":
    case "log2":
    case "log10":
      return a > 0 && a !== 1;
    case "log1p":
      return a > -1 && a !== 0;
    case "asin":
      return a !== 0 && Math.abs(a) <= 1;
    case "acos":
      return a !== 1 && Math.abs(a) <= 1;
    case "exp":
    case "exp2":
    case "cosh":
      return Math.abs(a) < 3000;
    case "expm1":
    case "sinh":
      return a !== 0 && Math.abs(a) < 3000;
    case "cos":
      return true;
    default:
      return a !== 0;
  }
}

export interface Format {
  readonly digits: number;
  /** Exponents of the smallest subnormal and of the last place of the largest number. */
  readonly least: number;
  readonly most: number;
}
export const BINARY64: Format = { digits: 53, least: -1074, most: 971 };
export const BINARY32: Format = { digits: 24, least: -149, most: 104 };

/** How far the value is from the exact one, in units of the last place of the format's numbers of that size. */
export function unitsOff(
  actual: number,
  exact: Big,
  { digits, least, most }: Format = BINARY64,
): number {
  const length = magnitude(exact).mantissa.toString(2).length + exact.exponent;
  const unit = Math.min(Math.max(length - digits, least), most);
  // Infinity stands for the number after the largest one, and for all above.
  const above = most + digits;
  if (!Number.isFinite(actual) && length > above && actual > 0 !== isNegative(exact)) return 0;
  const value = Number.isFinite(actual)
    ? fromDouble(actual)
    : { mantissa: actual > 0 ? 1n : -1n, exponent: above };
  if (Number.isNaN(actual)) return Number.POSITIVE_INFINITY;
  const off = toScale(subtract(value, exact), 40 - unit);
  return Number(off < 0n ? -off : off) / 2 ** 40;
}
