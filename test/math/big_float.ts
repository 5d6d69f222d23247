// Numbers mantissa * 2^exponent of 224 bits, for the oracle: rounded somehow, off by less than 2^-220 a step.

export interface Big {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const BITS = 224;
export const ZERO: Big = { mantissa: 0n, exponent: 0 };

export const bitLength = (value: bigint): number =>
  value === 0n ? 0 : (value < 0n ? -value : value).toString(16).length * 4;

export function big(mantissa: bigint, exponent = 0): Big {
  if (mantissa === 0n) return ZERO;
  const extra = bitLength(mantissa) - BITS;
  if (extra <= 8) return { mantissa, exponent };
  return { mantissa: mantissa >> BigInt(extra), exponent: exponent + extra };
}

const view = new DataView(new ArrayBuffer(8));

/** A finite double, exactly. */
export function fromDouble(value: number): Big {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = field === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: value < 0 ? -mantissa : mantissa, exponent: Math.max(field, 1) - 1075 };
}

/** Its bits as an integer of the scale. */
export function toScale({ mantissa, exponent }: Big, scale: number): bigint {
  const shift = exponent + scale;
  return shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift);
}

export const negate = ({ mantissa, exponent }: Big): Big => ({ mantissa: -mantissa, exponent });
export const isNegative = ({ mantissa }: Big): boolean => mantissa < 0n;
export const magnitude = (a: Big): Big => (isNegative(a) ? negate(a) : a);
export const double = (a: Big, times = 1): Big => ({ ...a, exponent: a.exponent + times });

/** e with 2^(e - 4) <= |a| < 2^e. */
export const sizeOf = ({ mantissa, exponent }: Big): number => bitLength(mantissa) + exponent;

export function add(a: Big, b: Big): Big {
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  if (sizeOf(a) - sizeOf(b) > 2 * BITS) return a;
  if (sizeOf(b) - sizeOf(a) > 2 * BITS) return b;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum =
    (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return big(sum, exponent);
}

export const subtract = (a: Big, b: Big): Big => add(a, negate(b));

export function multiply(a: Big, b: Big): Big {
  return big(a.mantissa * b.mantissa, a.exponent + b.exponent);
}

export function divide(a: Big, b: Big): Big {
  const shift = Math.max(0, BITS + bitLength(b.mantissa) - bitLength(a.mantissa));
  return big((a.mantissa << BigInt(shift)) / b.mantissa, a.exponent - b.exponent - shift);
}

/** The `degree`-th root, 2 or 3, of a positive number. */
export function root(a: Big, degree: 2 | 3): Big {
  const wanted = degree * BITS - bitLength(a.mantissa);
  const rest = (((a.exponent - wanted) % degree) + degree) % degree;
  const shift = wanted + rest;
  const n = shift >= 0 ? a.mantissa << BigInt(shift) : a.mantissa >> BigInt(-shift);
  const k = BigInt(degree);
  let guess = 1n << BigInt(Math.ceil(bitLength(n) / degree) + 1);
  for (;;) {
    const next = ((k - 1n) * guess + n / guess ** (k - 1n)) / k;
    if (next >= guess) return big(guess, (a.exponent - shift) / degree);
    guess = next;
  }
}

export const whole = (value: number): Big => big(BigInt(value));
export const ONE = whole(1);

/** The sum of terms until they no longer count; `next` gives term k from term k - 1. */
export function sumOf(first: Big, next: (term: Big, k: number) => Big): Big {
  let [sum, term] = [first, first];
  for (let k = 1; term.mantissa !== 0n && sizeOf(term) > sizeOf(sum) - BITS; k++) {
    term = next(term, k);
    sum = add(sum, term);
  }
  return sum;
}
