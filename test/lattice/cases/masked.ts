// aggregate and exponentRange of masked rows: every kind of fold and of grouping, and what hides under rows that do not
// count. The oracle is the reference on the rows that count, taken out one by one.
import { type Batch, columnFromValues, columnToValues } from "../../../src/column/index.ts";
import {
  BOOL,
  type DType,
  decimal,
  dtypeName,
  FLOAT64,
  INT16,
  INT32,
  INT64,
  STRING,
} from "../../../src/dtype/index.ts";
import type { AggregateOperation, Operation } from "../../../src/physical/index.ts";
import type { LatticeCase } from "../lattice.ts";
import { type ColumnShape, randomBatch } from "../random.ts";
import { aggregateOperation, byFamily, CallList, callsOn } from "./aggregate.ts";

type Keeps = (row: number) => boolean;

const SOME: Keeps = (row) => (row * 2_654_435_761) % 7 < 3;

/** The batch with the mask as its last column. */
function withMask({ rowCount, columns }: Batch, keeps: Keeps): Batch {
  const kept = Array.from({ length: rowCount }, (_, row) => keeps(row));
  return { rowCount, columns: [...columns, columnFromValues(kept, BOOL)] };
}

/** The rows that the mask keeps, value by value. */
export function keptRows(batch: Batch, mask: number): Batch {
  const kept = columnToValues(batch.columns[mask]!);
  const columns = batch.columns.map((column) =>
    columnFromValues(
      columnToValues(column, { int64: "bigint" }).filter((_, row) => kept[row] === true),
      column.dtype,
    ),
  );
  return { rowCount: columns[0]?.length ?? 0, columns };
}

function maskedCases(
  name: string,
  batch: Batch,
  operation: AggregateOperation,
  keeps: Keeps = SOME,
): LatticeCase[] {
  const masked = { ...operation, mask: batch.columns.length };
  const cases = byFamily({
    name: `masked: ${name}`,
    operation: masked,
    inputs: [withMask(batch, keeps)],
  });
  // What is made of sums once they are there does not see the mask, and takes software adapters long to compile.
  return cases.filter(({ name: full }) => !full.endsWith("moments") || name.startsWith("int64"));
}

const group: ColumnShape = { dtype: INT32, distinct: 7, tame: true };
const DTYPES: readonly DType[] = [BOOL, INT16, INT64, FLOAT64, STRING, decimal(12, 2)];

const folds = DTYPES.flatMap((dtype) => {
  const [name, tame] = [dtypeName(dtype), true];
  return [
    ...maskedCases(
      `${name}, no keys`,
      randomBatch(31, 300, [{ dtype, tame }]),
      aggregateOperation([], callsOn(0, dtype)),
    ),
    ...maskedCases(
      `${name} by group`,
      randomBatch(32, 700, [group, { dtype, tame }]),
      aggregateOperation([0], callsOn(1, dtype)),
    ),
  ];
});

const float: ColumnShape = { dtype: FLOAT64, tame: true };
const grouping = [
  ...maskedCases(
    "by many floats",
    randomBatch(33, 900, [{ dtype: FLOAT64 }, float]),
    aggregateOperation([0], callsOn(1, FLOAT64)),
  ),
  ...maskedCases(
    "by a text and a bool, without null keys",
    randomBatch(34, 500, [{ dtype: STRING, distinct: 5 }, { dtype: BOOL, nullRatio: 0.3 }, float]),
    aggregateOperation([0, 1], callsOn(2, FLOAT64), true),
  ),
  ...maskedCases(
    "keys only, three of them",
    randomBatch(35, 200, [{ dtype: BOOL }, { dtype: STRING, distinct: 3 }, group]),
    aggregateOperation([0, 1, 2], new CallList()),
  ),
];

const integers = randomBatch(36, 129, [group, { dtype: INT64, tame: true, nullRatio: 0 }]);
const edges = [
  { name: "no row", keeps: () => false },
  { name: "every row", keeps: () => true },
  { name: "the last row", keeps: (row: number) => row === 128 },
].flatMap(({ name, keeps }) => [
  ...maskedCases(`${name}, no keys`, integers, aggregateOperation([], callsOn(1, INT64)), keeps),
  ...maskedCases(`${name}, by group`, integers, aggregateOperation([0], callsOn(1, INT64)), keeps),
]);

/** What merges over partitions that turn out to have no row. */
const states = new CallList();
for (const monoid of [
  { kind: "count" },
  { kind: "countValues", column: 1 },
  { kind: "max", column: 1 },
  { kind: "last", column: 1, nulls: "skip" },
] as const) {
  states.add({ kind: "value", monoid: states.monoid(monoid) }, INT64);
}
states.plan("sum", [1], [INT64]);
states.plan("mean", [1], [INT64]);
const merging = [SOME, (row: number) => row > 100].flatMap((keeps, index) =>
  maskedCases(`states to merge, ${index}`, integers, aggregateOperation([], states), keeps),
);

const max = 2n ** 63n - 1n;
const sums = new CallList();
sums.add(
  { kind: "sum", sum: sums.monoid({ kind: "sum", column: 1, power: 1, window: null }) },
  INT64,
);
const overflows = [
  { name: "a sum that overflows only with what is masked", values: [1n, max, max, 2n, 5n, 5n] },
  { name: "a sum that overflows, in the third row that counts", values: [1n, 7n, 7n, 1n, max, 1n] },
].flatMap(({ name, values }) =>
  maskedCases(
    name,
    {
      rowCount: 6,
      columns: [columnFromValues([1, 1, 2, 1, 2, 2], INT32), columnFromValues(values, INT64)],
    },
    aggregateOperation([0], sums),
    (row) => row !== 1 && row !== 2,
  ),
);

const ranges = [SOME, () => false].map((keeps): LatticeCase => {
  const operation: Operation = { kind: "exponentRange", columns: [0, 1], mask: 2 };
  const batch = randomBatch(37, 200, [{ dtype: FLOAT64 }, { dtype: FLOAT64, nullRatio: 0 }]);
  return { name: "masked: exponent ranges", operation, inputs: [withMask(batch, keeps)] };
});

export const maskedAggregates: readonly LatticeCase[] = [
  ...folds,
  ...grouping,
  ...edges,
  ...merging,
  ...overflows,
];
export const maskedRanges: readonly LatticeCase[] = ranges;
