// Exact arithmetic on doubles, written for these tests alone: it shares no code with what it checks.

/** numerator / denominator, denominator > 0. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const view = new DataView(new ArrayBuffer(8));

export function rational(value: number): Rational {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & (2n ** 52n - 1n);
  const mantissa = field === 0 ? fraction : fraction | (2n ** 52n);
  const exponent = (field === 0 ? 1 : field) - 1075;
  const signed = value < 0 ? -mantissa : mantissa;
  return exponent >= 0
    ? { numerator: signed << BigInt(exponent), denominator: 1n }
    : { numerator: signed, denominator: 1n << BigInt(-exponent) };
}

export function add(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

export function sumOf(values: readonly Rational[]): Rational {
  // Of powers of two as denominators: the largest is a common one.
  let denominator = 1n;
  for (const value of values) {
    if (value.denominator > denominator) denominator = value.denominator;
  }
  const numerator = values.reduce(
    (total, value) => total + value.numerator * (denominator / value.denominator),
    0n,
  );
  return { numerator, denominator };
}

export function multiply(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

export function divide(a: Rational, by: bigint): Rational {
  return { numerator: a.numerator, denominator: a.denominator * by };
}

function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export type FloatWidth = 32 | 64;

function bitsOf(value: number, width: FloatWidth): bigint {
  if (width === 32) {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function floatOf(bits: bigint, width: FloatWidth): number {
  if (width === 32) {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** The power of two above the largest float. */
const limitOf = (width: FloatWidth): Rational => ({
  numerator: width === 32 ? 2n ** 128n : 2n ** 1024n,
  denominator: 1n,
});
const largestOf = (width: FloatWidth) =>
  width === 32 ? floatOf(0x7f7fffffn, 32) : Number.MAX_VALUE;

/** The floats beside a finite one of either sign; the one above the largest counts as the limit, as rounding has it. */
function neighbour(value: number, up: boolean, width: FloatWidth): Rational {
  const least = floatOf(1n, width);
  if (value === 0) return rational(up ? least : -least);
  const bits = bitsOf(value, width);
  const away = value > 0 === up;
  const next = floatOf(away ? bits + 1n : bits - 1n, width);
  if (Number.isFinite(next)) return rational(next);
  const { numerator } = limitOf(width);
  return { numerator: up ? numerator : -numerator, denominator: 1n };
}

function midpoint(a: Rational, b: Rational): Rational {
  return divide(add(a, b), 2n);
}

/** Whether `value` is the float nearest to `exact`, or to its square root; ties go to even. */
export function isNearest(
  value: number,
  exact: Rational,
  root: 1 | 2 = 1,
  width: FloatWidth = 64,
): boolean {
  if (Number.isNaN(value)) return false;
  const raised = (bound: Rational) =>
    root === 1 || bound.numerator < 0n ? bound : multiply(bound, bound);
  const overflow = midpoint(rational(largestOf(width)), limitOf(width));
  if (!Number.isFinite(value)) {
    const sign = value > 0 ? 1n : -1n;
    const magnitude = { numerator: sign * exact.numerator, denominator: exact.denominator };
    return compare(magnitude, raised(overflow)) >= 0;
  }
  const own = rational(value);
  const below = compare(raised(midpoint(own, neighbour(value, false, width))), exact);
  const above = compare(exact, raised(midpoint(own, neighbour(value, true, width))));
  const isEven = (bitsOf(value, width) & 1n) === 0n;
  return isEven ? below <= 0 && above <= 0 : below < 0 && above < 0;
}
