// exponentRange: the exponents of the lowest and above the highest bit of all finite values.

import { at, bitLength, decompose } from "../../base/index.ts";
import type { Batch, Column } from "../../column/index.ts";
import { INT32 } from "../../dtype/index.ts";
import type { ExponentRangeOperation } from "../../physical/index.ts";
import { readColumn, writeColumn } from "./values.ts";

export function exponentRange({ columns }: ExponentRangeOperation, batch: Batch): Batch {
  const bounds = columns.flatMap((column) => boundsOf(at(batch.columns, column)));
  return { rowCount: 1, columns: bounds.map((bound) => writeColumn(INT32, [BigInt(bound)])) };
}

function boundsOf(column: Column): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of readColumn(column)) {
    if (typeof value === "bigint" && value !== 0n) {
      low = 0;
      high = Math.max(high, bitLength(value < 0n ? -value : value));
    }
    if (typeof value === "number" && Number.isFinite(value) && value !== 0) {
      const { mantissa, exponent } = decompose(value);
      low = Math.min(low, exponent);
      high = Math.max(high, exponent + bitLength(mantissa < 0n ? -mantissa : mantissa));
    }
  }
  return low === Number.POSITIVE_INFINITY ? [0, 0] : [low, high];
}
