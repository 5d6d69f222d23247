// Exact windows: how many bits the partitions' sums must keep so that their states add up. Derived from the exponent
// ranges of all partitions, as kernels/aggregate/README.md defines.

import { assert, at } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import { type ExactWindow, factorsOf, type Monoid } from "../ir/index.ts";
import type { AggregateOperation } from "../physical/index.ts";

export interface ExponentRange {
  readonly low: number;
  readonly high: number;
}

/** The bounds that hold for all partitions. `batches` are results of exponentRange: low, high, low, high, ... */
export function mergeRanges(batches: readonly Batch[], columnCount: number): ExponentRange[] {
  return Array.from({ length: columnCount }, (_, column) => {
    const bounds = batches.map((batch) => ({
      low: boundOf(batch, 2 * column),
      high: boundOf(batch, 2 * column + 1),
    }));
    // Both 0 says that there is no finite non-zero value: it bounds nothing.
    const known = bounds.filter(({ low, high }) => low !== 0 || high !== 0);
    if (known.length === 0) return { low: 0, high: 0 };
    return {
      low: Math.min(...known.map(({ low }) => low)),
      high: Math.max(...known.map(({ high }) => high)),
    };
  });
}

/** The operation with the windows of its sums filled in. `rows` bounds how many values any group adds. */
export function withWindows(
  operation: AggregateOperation,
  columns: readonly number[],
  ranges: readonly ExponentRange[],
  rows: number,
): AggregateOperation {
  const monoids = operation.monoids.map((monoid): Monoid => {
    if (monoid.kind !== "sum" || monoid.window !== null) return monoid;
    const factors = factorsOf(monoid).map(({ column, power }) => {
      const index = columns.indexOf(column);
      assert(index >= 0, "the range of every sum without a window is measured");
      return { range: at(ranges, index), power };
    });
    return { ...monoid, window: windowFor(factors, rows) };
  });
  return { ...operation, monoids };
}

/** The window of sums of products: the factors' ranges and powers. */
export function windowFor(
  factors: readonly { readonly range: ExponentRange; readonly power: number }[],
  rows: number,
): ExactWindow {
  const carry = Math.ceil(Math.log2(rows + 1)) + 1;
  let [span, lowExponent] = [0, 0];
  for (const { range, power } of factors) {
    span += power * Math.max(0, range.high - range.low);
    lowExponent += power * range.low;
  }
  return { lowExponent, limbs: Math.max(1, Math.ceil((span + carry) / 32)) };
}

function boundOf(batch: Batch, column: number): number {
  const { data } = at(batch.columns, column);
  assert(data.encoding === "fixed", "exponent bounds are int32");
  return Number(at(data.values as Int32Array, 0));
}
