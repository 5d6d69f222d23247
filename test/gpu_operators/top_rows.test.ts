// The first rows of a sorted order, over keys that make selection hard: ties at the threshold, constant digits above it, all
// rows in one bucket, several words, nulls. Against the reference, stability included.
import { type CellValue, type ColumnStatistics, columnFromValues } from "../../src/column/index.ts";
import { type DType, FLOAT64, INT32, INT64 } from "../../src/dtype/index.ts";
import type { LatticeCase } from "../lattice/lattice.ts";
import { Random } from "../lattice/random.ts";
import { testOnAdapters } from "./on_adapters.ts";

const ROWS = 20_000;

interface Key {
  readonly dtype: DType;
  /** Bounds of the values. */
  readonly statistics?: ColumnStatistics;
  readonly valueOf: (row: number, random: Random) => CellValue;
}

const KEYS: Readonly<Record<string, readonly Key[]>> = {
  "spread integers": [{ dtype: INT32, valueOf: (_, random) => random.bits() | 0 }],
  "many ties": [{ dtype: INT32, valueOf: (_, random) => random.below(40) }],
  "ties of all but a few": [{ dtype: INT32, valueOf: (row) => (row % 5000 === 3 ? 1 : 70_000) }],
  "constant digits between": [
    {
      dtype: INT64,
      valueOf: (_, random) => BigInt(random.below(3)) * 2n ** 40n + BigInt(random.below(9)),
    },
  ],
  "negative integers with bounds": [
    {
      dtype: INT64,
      statistics: { min: -(2n ** 32n), max: -1n },
      valueOf: (_, random) => (random.chance(0.1) ? null : -BigInt(random.bits() + 1)),
    },
  ],
  "floats of one magnitude": [
    { dtype: FLOAT64, valueOf: (_, random) => 1 + random.bits() / 2 ** 40 },
  ],
  "floats and nulls": [
    { dtype: FLOAT64, valueOf: (_, random) => (random.chance(0.6) ? null : random.bits() / 7) },
  ],
  "two keys": [
    { dtype: INT32, valueOf: (_, random) => random.below(3) },
    { dtype: FLOAT64, valueOf: (_, random) => random.bits() / 2 ** 20 },
  ],
};

const CASES: readonly LatticeCase[] = Object.entries(KEYS).flatMap(([name, keys]) => {
  const random = new Random(name.length);
  const columns = keys.map(({ dtype, valueOf, statistics }) => {
    const values = Array.from({ length: ROWS }, (_, row) => valueOf(row, random));
    const column = columnFromValues(values, dtype);
    return statistics ? { ...column, statistics } : column;
  });
  const numbers = columnFromValues(
    Array.from({ length: ROWS }, (_, row) => row),
    INT32,
  );
  return [1, 4, 100, 9000, null].flatMap((limit) =>
    [false, true].map(
      (descending): LatticeCase => ({
        name: `first ${limit ?? ROWS}, ${name}${descending ? ", descending" : ""}`,
        operation: {
          kind: "sort",
          keys: keys.map((_, column) => ({
            column,
            descending,
            nulls: limit === 4 ? "first" : "last",
          })),
          limit,
        },
        inputs: [{ rowCount: ROWS, columns: [...columns, numbers] }],
      }),
    ),
  );
});

testOnAdapters(CASES);
