// Column statistics as the addon reads them (native/kernels/aggregate/plan_napi.cc), written between turns of the event loop.

import { at, ITEMS_A_STEP, inSlices, type Steps } from "../../../base/index.ts";
import type { Column } from "../../../column/index.ts";
import type { NativeBounds } from "../native_addon.ts";

// Bits of a column's first number.
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
