// The range of the integer that stands behind a dtype.

import { decimalLimit } from "./decimal.ts";
import type { DType } from "./dtype.ts";

export interface IntegerLimits {
  readonly min: bigint;
  readonly max: bigint;
}

const signed = (bits: number): IntegerLimits => ({
  min: -(1n << BigInt(bits - 1)),
  max: (1n << BigInt(bits - 1)) - 1n,
});
const unsigned = (bits: number): IntegerLimits => ({ min: 0n, max: (1n << BigInt(bits)) - 1n });

/** Limits of an integer dtype, of the days or units of a temporal one, and of the unscaled value of a decimal. */
export function integerLimits(dtype: DType): IntegerLimits {
  switch (dtype.kind) {
    case "int8":
      return signed(8);
    case "int16":
      return signed(16);
    case "int32":
    case "date":
      return signed(32);
    case "int64":
    case "timestamp":
    case "duration":
      return signed(64);
    case "uint8":
      return unsigned(8);
    case "uint16":
      return unsigned(16);
    case "uint32":
      return unsigned(32);
    case "uint64":
      return unsigned(64);
    case "decimal":
      return { min: -decimalLimit(dtype.precision), max: decimalLimit(dtype.precision) };
    default:
      throw new Error(`${dtype.kind} is no integer`);
  }
}
