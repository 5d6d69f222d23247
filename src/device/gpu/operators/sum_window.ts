// The window of an exact sum: the bits that its two's complement integer needs (kernels/aggregate/README.md).

import { type DType, isFloat } from "../../../dtype/index.ts";
import type { ExactWindow } from "../../../ir/index.ts";
import { type GpuColumn, storageBits } from "../resident.ts";

export type { SumMonoid } from "../../../ir/index.ts";

/** Every finite value is a multiple of 2^low, and smaller than 2^high. */
export interface ExponentBounds {
  readonly low: number;
  readonly high: number;
}

/** What is known without looking at the values; null for floats without statistics. */
export function knownBounds({ dtype, statistics }: GpuColumn): ExponentBounds | null {
  if (!isFloat(dtype)) return { low: 0, high: integerBits(dtype, statistics) };
  const { lowExponent, highExponent } = statistics ?? {};
  if (lowExponent === undefined || highExponent === undefined) return null;
  return { low: lowExponent, high: highExponent };
}

function integerBits(dtype: DType, statistics: GpuColumn["statistics"]): number {
  const { min, max } = statistics ?? {};
  if (typeof min !== "bigint" || typeof max !== "bigint") return storageBits(dtype);
  const bits = [min, max].map((bound) => (bound < 0n ? -bound : bound).toString(2).length);
  return Math.min(storageBits(dtype), Math.max(...bits));
}

/** The window of products of factors with these bounds. */
export function windowFor(
  factors: readonly { readonly power: number; readonly bounds: ExponentBounds }[],
  rowCount: number,
): ExactWindow {
  let bits = Math.ceil(Math.log2(rowCount + 1)) + 1;
  let lowExponent = 0;
  for (const { power, bounds } of factors) {
    bits += power * (bounds.high - bounds.low);
    lowExponent += power * bounds.low;
  }
  return { lowExponent, limbs: Math.ceil(bits / 32) };
}

// Limb counts that kernels are compiled for. Above, kernels take any number, and have room for: fourth powers of numbers
// of two hundred bits; squares of float64 over the whole range, and their fourth powers, which need 133 and 265.
const LIMB_BUCKETS = [2, 3, 4, 5, 6, 8, 10];
/** For sums of powers, whose kernels are longer: with 10 limbs in registers they compiled for two seconds. */
const MOST_POWER_LIMBS = 6;
const WIDE_ROOMS = [24, 140, 280];

/** What a kernel of sums is compiled for. */
export interface LimbVariant {
  /** Limbs of a state in memory. */
  readonly limbs: number;
  /** Limbs that registers have room for. */
  readonly room: number;
  readonly wide: boolean;
}

export function limbVariant({ limbs }: ExactWindow, ofPowers: boolean): LimbVariant {
  const bucket = LIMB_BUCKETS.find((candidate) => candidate >= limbs);
  const most = ofPowers ? MOST_POWER_LIMBS : Number.POSITIVE_INFINITY;
  if (bucket !== undefined && bucket <= most) return { limbs: bucket, room: bucket, wide: false };
  return { limbs, room: WIDE_ROOMS.find((room) => room >= limbs) ?? limbs, wide: true };
}
