// Quantiles: what stands at a place among sorted values, or lies between two of them, rounded once
// (kernels/aggregate/README.md).

import { assertNever, at, decompose, roundRatio } from "../../base/index.ts";
import type { Interpolation } from "../../ir/index.ts";
import { canonical, compareKeys, type Scalar, type Value } from "./values.ts";

/** The share of the way from a value to the next counts in units of 2^-64. */
const WHOLE = 1n << 64n;

export function quantile(
  values: readonly Value[],
  q: number,
  interpolation: Interpolation,
): number | null {
  const sorted = (values.filter((value) => value !== null) as Scalar[])
    .map((value) => canonical(value) as number | bigint)
    .sort(compareKeys);
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * q;
  const index = Math.floor(place);
  const fraction = place - index;
  const low = at(sorted, index);
  const high = at(sorted, fraction > 0 ? index + 1 : index);
  switch (interpolation) {
    case "lower":
      return Number(low);
    case "higher":
      return Number(high);
    case "nearest":
      return Number(at(sorted, roundHalfEven(place)));
    case "midpoint":
      return between(low, high, fraction === 0 ? 0n : WHOLE / 2n);
    case "linear":
      return between(low, high, BigInt(Math.floor(fraction * 2 ** 64)));
    default:
      return assertNever(interpolation);
  }
}

/** low + (high - low) * share / 2^64, rounded once. */
function between(low: number | bigint, high: number | bigint, share: bigint): number {
  if (share === 0n || compareKeys(low, high) === 0) return Number(low);
  if (!isFinitePart(low) || !isFinitePart(high)) return Number(low) + Number(high);
  const [a, b] = [scaledOf(low), scaledOf(high)];
  const exponent = Math.min(a.exponent, b.exponent);
  const unitsOf = ({ mantissa, exponent: own }: typeof a) => mantissa << BigInt(own - exponent);
  return roundRatio(unitsOf(a) * (WHOLE - share) + unitsOf(b) * share, WHOLE, exponent);
}

function isFinitePart(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isFinite(value);
}

function scaledOf(value: number | bigint) {
  return typeof value === "bigint" ? { mantissa: value, exponent: 0 } : decompose(value);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
