// The window of an exact sum: the bits that its two's complement integer needs (kernels/aggregate/README.md).

import { type DType, isFloat } from "../../../dtype/index.ts";
import type { ExactWindow, SumMonoid } from "../../../ir/index.ts";
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

export function windowFor(
  power: SumMonoid["power"],
  { low, high }: ExponentBounds,
  rowCount: number,
): ExactWindow {
  const bits = power * (high - low) + Math.ceil(Math.log2(rowCount + 1)) + 1;
  return { lowExponent: power * low, limbs: Math.ceil(bits / 32) };
}

// Limb counts that kernels are compiled for. Above, one kernel has room for any: squares of float64 over the whole range
// need 133 limbs, and x of a few hundred bits is rare.
const LIMB_BUCKETS = [2, 3, 4, 5, 6, 8, 10];
const WIDE_ROOM = 140;

/** What a kernel of sums is compiled for. */
export interface LimbVariant {
  /** Limbs of a state in memory. */
  readonly limbs: number;
  /** Limbs that registers have room for. */
  readonly room: number;
  readonly wide: boolean;
}

export function limbVariant({ limbs }: ExactWindow): LimbVariant {
  const bucket = LIMB_BUCKETS.find((candidate) => candidate >= limbs);
  if (bucket !== undefined) return { limbs: bucket, room: bucket, wide: false };
  return { limbs, room: Math.max(limbs, WIDE_ROOM), wide: true };
}
