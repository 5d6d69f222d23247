// Bounds that do not hold are found; those that are not tight are none of anybody's business.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ColumnStatistics,
  checkStatistics,
  columnFromValues,
  statisticsViolation,
} from "../../src/column/index.ts";
import { type DType, FLOAT64, INT32 } from "../../src/dtype/index.ts";

const column = (
  values: readonly (number | null)[],
  dtype: DType,
  statistics: ColumnStatistics,
) => ({
  ...columnFromValues(values, dtype),
  statistics,
});
const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

beforeEach(() => vi.stubEnv("GPUDATAFRAME_CHECK_STATISTICS", "1"));
afterEach(() => vi.unstubAllEnvs());

describe("statistics", () => {
  test.each([
    { dtype: INT32, values: [5, null], statistics: { min: -100n, max: 5n } },
    { dtype: FLOAT64, values: [0.5, -3, 0], statistics: { lowExponent: -1, highExponent: 2 } },
    { dtype: FLOAT64, values: [0.5, NAN], statistics: { lowExponent: -1, highExponent: 0 } },
    { dtype: FLOAT64, values: [NAN, -2], statistics: { min: -2, max: -2, hasSpecials: true } },
  ])("$values keep $statistics", ({ dtype, values, statistics }) => {
    expect(statisticsViolation(column(values, dtype, statistics))).toBeNull();
  });

  test.each([
    { dtype: INT32, values: [5, 6], statistics: { min: 0n, max: 5n }, found: "above the maximum" },
    { dtype: INT32, values: [-1], statistics: { min: 0n, max: 5n }, found: "below the minimum" },
    { dtype: FLOAT64, values: [0.25], statistics: { lowExponent: -1 }, found: "no multiple of" },
    { dtype: FLOAT64, values: [-4], statistics: { highExponent: 2 }, found: "not below 2^2" },
    { dtype: FLOAT64, values: [NAN], statistics: { hasSpecials: false }, found: "no number" },
    { dtype: FLOAT64, values: [INF], statistics: { hasSpecials: false }, found: "not finite" },
  ])("$values break $statistics", ({ dtype, values, statistics, found }) => {
    const broken = column(values, dtype, statistics);
    expect(statisticsViolation(broken)).toContain(found);
    expect(() => checkStatistics({ rowCount: values.length, columns: [broken] })).toThrow(found);
  });
});
