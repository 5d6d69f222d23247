// Column statistics to and from the addon: numbers in typed arrays, written and read between turns of the event loop.

import { at, ITEMS_A_STEP, inSlices, type Steps } from "../../base/index.ts";
import type { Column, ColumnStatistics } from "../../column/index.ts";
import { type DType, isFloat } from "../../dtype/index.ts";
import type { NativeBounds } from "./native_addon.ts";

// Bits of a column's first number: NativeBounds.
const RANGE = 1;
const EXPONENTS = 2;
const NO_SPECIALS = 4;

export const toNativeBounds = (columns: readonly Column[]): Promise<NativeBounds> =>
  inSlices(boundsOf(columns));

function* boundsOf(columns: readonly Column[]): Steps<NativeBounds> {
  const bounds = {
    numbers: new Int32Array(columns.length * 3),
    ranges: new BigInt64Array(columns.length * 2),
  };
  for (let index = 0; index < columns.length; index++) {
    write(bounds, at(columns, index), index);
    if (index % ITEMS_A_STEP === ITEMS_A_STEP - 1) yield;
  }
  return bounds;
}

function write({ numbers, ranges }: NativeBounds, { statistics, dtype }: Column, index: number) {
  if (statistics === null) return;
  const { min, max, lowExponent, highExponent, hasSpecials } = statistics;
  let known = hasSpecials === false ? NO_SPECIALS : 0;
  if (typeof min === "bigint" && typeof max === "bigint") {
    const fits = dtype.kind === "uint64" ? isUnsigned64 : isSigned64;
    if (fits(min) && fits(max)) {
      known |= RANGE;
      // An unsigned number is stored by its bits.
      ranges[index * 2] = min;
      ranges[index * 2 + 1] = max;
    }
  }
  if (lowExponent !== undefined && highExponent !== undefined) {
    known |= EXPONENTS;
    numbers[index * 3 + 1] = lowExponent;
    numbers[index * 3 + 2] = highExponent;
  }
  numbers[index * 3] = known;
}

const isSigned64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;
const isUnsigned64 = (value: bigint): boolean => BigInt.asUintN(64, value) === value;

/** Of column `index` of a result, whose floats have their ranges as bits. */
export function statisticsOf(
  { numbers, ranges }: NativeBounds,
  index: number,
  dtype: DType,
): ColumnStatistics | null {
  const known = at(numbers, index * 3);
  const [min, max] = [at(ranges, index * 2), at(ranges, index * 2 + 1)];
  if (isFloat(dtype)) {
    const [least, most] = new Float64Array(ranges.buffer, index * 16, 2);
    return {
      hasSpecials: (known & NO_SPECIALS) === 0,
      ...((known & RANGE) !== 0 && { min: least as number, max: most as number }),
      ...((known & EXPONENTS) !== 0 && {
        lowExponent: at(numbers, index * 3 + 1),
        highExponent: at(numbers, index * 3 + 2),
      }),
    };
  }
  if ((known & RANGE) === 0) return null;
  const isUnsigned = dtype.kind === "uint64";
  return isUnsigned ? { min: BigInt.asUintN(64, min), max: BigInt.asUintN(64, max) } : { min, max };
}
