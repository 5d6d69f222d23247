// A check for tests: statistics size exact sums, tables and keys, so a reader whose bounds do not hold makes wrong
// results. GPUDATAFRAME_CHECK_STATISTICS=1 looks at every batch that an executor of the host is given or gives.

import { bitLength, decompose } from "../base/index.ts";
import { isFloat } from "../dtype/index.ts";
import type { Batch } from "./batch.ts";
import { type Column, isValid } from "./column.ts";
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
  const { statistics, data, dtype } = column;
  if (statistics === null || data.encoding !== "fixed") return null;
  for (let row = 0; row < Math.min(column.length, MOST_ROWS); row++) {
    if (!isValid(column, row)) continue;
    const value = data.values[row] as number | bigint;
    const broken = isFloat(dtype)
      ? floatViolation(Number(value), statistics)
      : rangeViolation(BigInt(value), statistics);
    if (broken !== null) return `row ${row}: ${value} is ${broken}`;
  }
  return null;
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
