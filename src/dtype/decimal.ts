// Decimal dtypes: how many digits what takes. SQL's rules, as far as two dtypes decide them; the functions that give
// results of other digits are in src/function/scalar/decimal.ts.

import { isUnsigned } from "./classes.ts";
import { type DecimalType, type DType, decimal, type IntegerKind } from "./dtype.ts";

/** Every integer of 38 digits fits 128 bits; not every one of 39 does. */
export const MAX_PRECISION = 38;

/** 10^exponent. */
export function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** The greatest integer of that many digits: the bound of the unscaled value of a decimal. */
export function decimalLimit(precision: number): bigint {
  return powerOfTen(precision) - 1n;
}

/** Digits before the decimal point. */
export function wholeDigits({ precision, scale }: DecimalType): number {
  return precision - scale;
}

const SIGNED_DIGITS: Readonly<Record<number, number>> = { 8: 3, 16: 5, 32: 10, 64: 19 };

/** The narrowest decimal that holds every value of an integer dtype: int64 is decimal(19, 0), uint64 decimal(20, 0). */
export function decimalOfInteger(dtype: DType & { readonly kind: IntegerKind }): DecimalType {
  const bits = Number(/\d+$/.exec(dtype.kind)?.[0]);
  const digits = SIGNED_DIGITS[bits] as number;
  return decimal(isUnsigned(dtype) && bits === 64 ? 20 : digits, 0);
}

/** The decimal of the wanted digits, or of the most that there are. */
export function cappedDecimal(precision: number, scale: number): DecimalType {
  return decimal(Math.max(1, Math.min(MAX_PRECISION, precision)), scale);
}

/** The decimal that holds the values of both; null where it would need more than 38 digits. */
export function commonDecimal(a: DecimalType, b: DecimalType): DecimalType | null {
  const scale = Math.max(a.scale, b.scale);
  const precision = Math.max(wholeDigits(a), wholeDigits(b)) + scale;
  return precision > MAX_PRECISION ? null : decimal(Math.max(1, precision), scale);
}
