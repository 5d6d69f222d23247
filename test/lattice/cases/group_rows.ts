// groupRows: every dtype as key and as order, both ends, ties, counts around the strategies' limits, sizes.
import { dtypeName, FLOAT64, INT32, INT64, STRING } from "../../../src/dtype/index.ts";
import type { GroupRowsOperation, SortKey } from "../../../src/physical/index.ts";
import { ALL_DTYPES, EDGE_COUNTS } from "../dtypes.ts";
import type { LatticeCase } from "../lattice.ts";
import { type ColumnShape, randomBatch } from "../random.ts";

type Options = Partial<Omit<GroupRowsOperation, "kind">>;

const by = (column: number, descending = true, nulls: SortKey["nulls"] = "last"): SortKey => ({
  column,
  descending,
  nulls,
});

/** Column 0 is the key unless told; the row number rides along. */
function rowsCase(
  name: string,
  shapes: readonly ColumnShape[],
  options: Options,
  rows = 500,
): LatticeCase {
  const operation: GroupRowsOperation = {
    kind: "groupRows",
    keys: [0],
    order: [],
    count: 2,
    end: "first",
    dropNullKeys: false,
    ...options,
  };
  const columns = [...shapes, { dtype: INT32, nullRatio: 0.1 }];
  const inputs = [randomBatch(name.length * 37 + rows, rows, columns)];
  return { name: `rows of each group: ${name}`, operation, inputs };
}

const few: ColumnShape = { dtype: INT32, distinct: 9, tame: true };

const everyDType = ALL_DTYPES.flatMap((dtype) => {
  const name = dtypeName(dtype);
  return [
    rowsCase(`largest ${name}`, [few, { dtype }], { order: [by(1)] }),
    rowsCase(`smallest of few ${name}`, [few, { dtype, distinct: 4 }], { order: [by(1, false)] }),
    rowsCase(`last of ${name}, nulls first`, [few, { dtype, nullRatio: 0.4 }], {
      order: [by(1, false, "first")],
      end: "last",
    }),
    rowsCase(`first by few ${name}`, [{ dtype, distinct: 6 }], { count: 3 }),
    rowsCase(`last by many ${name}`, [{ dtype }], { end: "last", count: 1 }),
    rowsCase(`by ${name} without nulls`, [{ dtype, distinct: 5, nullRatio: 0.4 }], {
      dropNullKeys: true,
    }),
  ];
});

const two: readonly ColumnShape[] = [
  { dtype: STRING, distinct: 3, plain: true },
  { dtype: FLOAT64, distinct: 4 },
  { dtype: INT64 },
  { dtype: STRING, plain: true },
];
const several = [
  rowsCase("two keys", two, { keys: [0, 1], order: [by(2)] }, 900),
  rowsCase("two keys without nulls", two, { keys: [0, 1], dropNullKeys: true, end: "last" }, 900),
  rowsCase("an order of three columns", two, { order: [by(1), by(3, false), by(2)] }, 900),
  rowsCase("the last of an order of two", two, { order: [by(1), by(2)], end: "last" }, 900),
  rowsCase("the key as order", [few], { order: [by(0)], count: 4 }),
];

const counts = [0, 1, 15, 16, 17, 60, 1000].flatMap((count) => [
  rowsCase(`${count} largest`, [few, { dtype: FLOAT64 }], { order: [by(1)], count }),
  rowsCase(`${count} last`, [few], { end: "last", count }),
]);

const sizes = [...EDGE_COUNTS, 4097, 40_000].flatMap((rows) => [
  rowsCase(`of ${rows} rows`, [{ dtype: INT64 }, { dtype: FLOAT64 }], { order: [by(1)] }, rows),
  rowsCase(
    `17 of ${rows} rows`,
    [{ dtype: INT32, distinct: 300 }, { dtype: FLOAT64 }],
    { order: [by(1)], count: 17 },
    rows,
  ),
]);

export const groupRowsCases: readonly LatticeCase[] = [
  ...everyDType,
  ...several,
  ...counts,
  ...sizes,
];
