// What quantiles must give, by their definition, in rational arithmetic: an oracle of its own.
import { at } from "../../src/base/index.ts";
import type { Exact, Met } from "./moments.ts";
import type { Rational } from "./rational.ts";

export const INTERPOLATIONS = ["linear", "lower", "higher", "nearest", "midpoint"] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

const WHOLE = 2n ** 64n;
const HALF = WHOLE / 2n;

function compare(a: Rational | number, b: Rational | number): number {
  if (typeof a === "number" || typeof b === "number") return rankOf(a) - rankOf(b);
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** -Infinity, numbers, Infinity, NaN. */
function rankOf(value: Rational | number): number {
  if (typeof value !== "number") return 0;
  return Number.isNaN(value) ? 2 : Math.sign(value);
}

const exactly = (value: Rational | number): Exact =>
  typeof value === "number" ? { kind: "given", value } : { kind: "number", exact: value };

function between(low: Rational | number, high: Rational | number, share: bigint): Exact {
  if (share === 0n || compare(low, high) === 0) return exactly(low);
  if (typeof low === "number" || typeof high === "number") {
    const part = (value: Rational | number) => (typeof value === "number" ? value : 0);
    return { kind: "given", value: part(low) + part(high) };
  }
  const above =
    low.numerator * high.denominator * (WHOLE - share) + high.numerator * low.denominator * share;
  const exact = { numerator: above, denominator: low.denominator * high.denominator * WHOLE };
  return { kind: "number", exact };
}

/** The values at floor(h) and above it, h the double (n - 1) * q, whose fraction counts in units of 2^-64. */
export function quantileOf(values: readonly Met[], q: number, how: Interpolation): Exact {
  const sorted = values.filter((value) => value !== null).sort(compare);
  if (sorted.length === 0) return { kind: "given", value: null };
  const place = (sorted.length - 1) * q;
  const index = Math.floor(place);
  const fraction = place - index;
  const low = at(sorted, index);
  const high = at(sorted, Math.ceil(place));
  switch (how) {
    case "lower":
      return exactly(low);
    case "higher":
      return exactly(high);
    case "nearest": {
      const isLower = fraction < 0.5 || (fraction === 0.5 && index % 2 === 0);
      return exactly(isLower ? low : high);
    }
    case "midpoint":
      return between(low, high, fraction === 0 ? 0n : HALF);
    case "linear":
      return between(low, high, BigInt(Math.floor(fraction * 2 ** 64)));
  }
}
