// A check for tests: statistics size exact sums, tables and keys, so a reader whose bounds do not hold makes wrong
// results. GPUDATAFRAME_CHECK_STATISTICS=1 looks at every batch that an executor of the host is given or gives.

import { assert, bitLength, decompose } from "../base/index.ts";
import { isFloat } from "../dtype/index.ts";
import type { Batch } from "./batch.ts";
import { bitmapBytes, getBit } from "./bitmap.ts";
import { BlockView, type Span, type TypedArray } from "./block.ts";
import type { Column, FixedArray } from "./column.ts";
import { partsOf } from "./parts.ts";
import type { ColumnStatistics } from "./statistics.ts";

/** Rows of a column that are looked at: enough for tests, and cheap where a test has millions. */
const MOST_ROWS = 1 << 16;

/** Does nothing unless GPUDATAFRAME_CHECK_STATISTICS is 1. */
export function checkStatistics({ columns }: Batch): void {
  if (process.env.GPUDATAFRAME_CHECK_STATISTICS !== "1") return;
  for (const [index, column] of columns.entries()) {
    const violation = statisticsViolation(column);
    if (violation !== null) throw new Error(`invariant violated: column ${index}, ${violation}`);
  }
}

/** What contradicts the column's statistics; null if nothing does. */
export function statisticsViolation(column: Column): string | null {
  const { statistics, dtype } = column;
  if (statistics === null || column.data.encoding !== "fixed") return null;
  const rows = Math.min(column.length, MOST_ROWS);
  const { values, validity } = firstRows(column, rows);
  for (let row = 0; row < rows; row++) {
    if (validity !== null && !getBit(validity, row)) continue;
    const value = values[row] as number | bigint;
    const broken = isFloat(dtype)
      ? floatViolation(Number(value), statistics)
      : rangeViolation(BigInt(value), statistics);
    if (broken !== null) return `row ${row}: ${value} is ${broken}`;
  }
  return null;
}

/** Copied out of blocks: a look must not change who owns the memory. */
function firstRows(column: Column, rows: number) {
  const { validity, data } = partsOf(column);
  assert(data.encoding === "fixed", "bounds are of numbers");
  const first = <V extends TypedArray>(span: Span<V>, length: number): V =>
    span instanceof BlockView ? span.subarray(0, length).copy() : span;
  return {
    values: first<FixedArray>(data.values, rows),
    validity: validity === null ? null : first(validity, bitmapBytes(rows)),
  };
}

function floatViolation(value: number, statistics: ColumnStatistics): string | null {
  const { hasSpecials, lowExponent, highExponent } = statistics;
  if (Number.isNaN(value)) return hasSpecials === false ? "no number" : null;
  const range = rangeViolation(value, statistics);
  if (range !== null) return range;
  if (!Number.isFinite(value)) return hasSpecials === false ? "not finite" : null;
  if (value === 0) return null;
  const { mantissa, exponent } = decompose(Math.abs(value));
  if (lowExponent !== undefined && exponent < lowExponent) return `no multiple of 2^${lowExponent}`;
  if (highExponent === undefined || bitLength(mantissa) + exponent <= highExponent) return null;
  return `not below 2^${highExponent}`;
}

function rangeViolation(value: bigint | number, { min, max }: ColumnStatistics): string | null {
  if (min !== undefined && value < min) return `below the minimum ${min}`;
  return max !== undefined && value > max ? `above the maximum ${max}` : null;
}
