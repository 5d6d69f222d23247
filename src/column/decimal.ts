// Decimals as text, and as the words of a column: the unscaled value is a 128-bit two's complement integer of four u32
// words, low word first.

import { type DecimalType, decimalLimit, MAX_PRECISION, powerOfTen } from "../dtype/index.ts";

export const DECIMAL_WORDS = 4;

/** The unscaled value of row `row`. */
export function readDecimal(words: Uint32Array, row: number): bigint {
  const at = DECIMAL_WORDS * row;
  const low = BigInt(words[at] as number) | (BigInt(words[at + 1] as number) << 32n);
  const high = BigInt(words[at + 2] as number) | (BigInt((words[at + 3] as number) | 0) << 32n);
  return low | (high << 64n);
}

/** Stores an unscaled value modulo 2^128. */
export function writeDecimal(words: Uint32Array, row: number, unscaled: bigint): void {
  let rest = BigInt.asUintN(128, unscaled);
  for (let word = 0; word < DECIMAL_WORDS; word++) {
    words[DECIMAL_WORDS * row + word] = Number(rest & 0xffff_ffffn);
    rest >>= 32n;
  }
}

/** All digits of the scale: 150 at scale 2 is "1.50". */
export function formatDecimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;
/** Longer than any exponent that leaves a value of 38 digits in texts of a sensible length. */
const MOST_DIGITS = 1_000_000;

/** digits * 10^-scale, without trailing zeros behind the point. */
interface DecimalDigits {
  readonly digits: bigint;
  readonly scale: number;
}

/** What a decimal text says exactly; null for other texts, and for those with more digits than any decimal holds. */
function parseDigits(text: string): DecimalDigits | null {
  const match = DECIMAL.exec(text);
  if (match === null || text.length > MOST_DIGITS) return null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return null;
  const significant = `${whole}${fraction}`.replace(/^0+/, "");
  const trimmed = significant.replace(/0+$/, "");
  if (trimmed === "") return { digits: 0n, scale: 0 };
  const scale = fraction.length - (significant.length - trimmed.length) - Number(exponent);
  if (trimmed.length > MAX_PRECISION || trimmed.length - scale > MAX_PRECISION) return null;
  const digits = BigInt(sign + trimmed);
  return scale < 0 ? { digits: digits * powerOfTen(-scale), scale: 0 } : { digits, scale };
}

/**
 * The unscaled value that a text stands for: `[+-]?(D+(.D*)?|.D+)([eE][+-]?D+)?`. Null if the text is no number, has
 * more digits after the point than the scale (zeros apart) or more before it than the dtype holds.
 */
export function parseDecimalText(text: string, { precision, scale }: DecimalType): bigint | null {
  const parsed = parseDigits(text);
  if (parsed === null || parsed.scale > scale) return null;
  const unscaled = parsed.digits * powerOfTen(scale - parsed.scale);
  const limit = decimalLimit(precision);
  return unscaled <= limit && unscaled >= -limit ? unscaled : null;
}

/** The digits that a decimal needs to hold the number of a text exactly; null where none does. */
export function digitsOfText(text: string): { precision: number; scale: number } | null {
  const parsed = parseDigits(text);
  if (parsed === null || parsed.scale > MAX_PRECISION) return null;
  const length = String(parsed.digits < 0n ? -parsed.digits : parsed.digits).length;
  const precision = Math.max(length, parsed.scale, 1);
  return precision > MAX_PRECISION ? null : { precision, scale: parsed.scale };
}

/**
 * A JavaScript value as decimal text: a number by its shortest digits, which is what a person wrote (0.1 is "0.1", not
 * the binary fraction next to it). Null for values that are no number.
 */
export function decimalSource(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" && Number.isFinite(value) ? String(value) : null;
}
