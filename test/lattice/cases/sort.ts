// sort: every dtype, direction and place of nulls; several keys; stability; limits; sizes.
import { dtypeName, FLOAT64, INT32, INT64, STRING } from "../../../src/dtype/index.ts";
import type { SortKey } from "../../../src/physical/index.ts";
import { ALL_DTYPES, EDGE_COUNTS } from "../dtypes.ts";
import type { LatticeCase } from "../lattice.ts";
import { type ColumnShape, randomBatch } from "../random.ts";

const key = (column: number, descending = false, nulls: SortKey["nulls"] = "last"): SortKey => ({
  column,
  descending,
  nulls,
});

function sortCase(
  name: string,
  shapes: readonly ColumnShape[],
  keys: readonly SortKey[],
  rows = 500,
  limit: number | null = null,
): LatticeCase {
  // The row number rides along, so that any instability shows.
  const batch = randomBatch(name.length * 31 + rows, rows, [
    ...shapes,
    { dtype: INT32, nullRatio: 0.1 },
  ]);
  return { name: `sort ${name}`, operation: { kind: "sort", keys, limit }, inputs: [batch] };
}

const everyDType = ALL_DTYPES.flatMap((dtype) => [
  sortCase(`by ${dtypeName(dtype)}`, [{ dtype }], [key(0)]),
  sortCase(`by ${dtypeName(dtype)} descending`, [{ dtype }], [key(0, true)]),
  sortCase(
    `by ${dtypeName(dtype)}, nulls first`,
    [{ dtype, nullRatio: 0.5 }],
    [key(0, false, "first")],
  ),
  sortCase(`by few ${dtypeName(dtype)}`, [{ dtype, distinct: 5 }], [key(0, true, "first")]),
]);

const several = [
  sortCase(
    "by two keys",
    [{ dtype: STRING, distinct: 4 }, { dtype: FLOAT64 }],
    [key(0), key(1, true, "first")],
  ),
  sortCase(
    "by three keys of which one twice",
    [
      { dtype: INT64, distinct: 3 },
      { dtype: FLOAT64, distinct: 3 },
    ],
    [key(1, true), key(0), key(1)],
  ),
  sortCase("by nothing", [{ dtype: INT32 }], []),
  sortCase("by nothing, 3 rows", [{ dtype: INT32 }], [], 100, 3),
  sortCase("by a column of nulls", [{ dtype: FLOAT64, nullRatio: 1 }], [key(0)]),
  sortCase("by a plain string column", [{ dtype: STRING, plain: true }], [key(0)]),
  sortCase("of plain payload", [{ dtype: INT32 }, { dtype: STRING, plain: true }], [key(0)]),
  sortCase("by a constant", [{ dtype: INT64, distinct: 1, nullRatio: 0 }], [key(0)]),
];

const limits = [0, 1, 10, 499, 500, 501].map((limit) =>
  sortCase(`top ${limit} of 500`, [{ dtype: FLOAT64 }], [key(0, true)], 500, limit),
);

const sizes = [...EDGE_COUNTS, 4095, 4096, 4097, 10_000].map((rows) =>
  sortCase(`of ${rows} rows`, [{ dtype: INT64 }, { dtype: STRING }], [key(0), key(1)], rows),
);

export const sortCases: readonly LatticeCase[] = [...everyDType, ...several, ...limits, ...sizes];
