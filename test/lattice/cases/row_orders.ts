// The orders of rows that algorithms like least: sorted, reversed, alternating between far keys, one key in all rows, one
// key in nearly all. Every operation that looks at keys, over keys of every encoding.
import type { Batch } from "../../../src/column/index.ts";
import {
  compareKeys,
  gather,
  readColumn,
  type Scalar,
} from "../../../src/device/reference/values.ts";
import {
  BOOL,
  decimal,
  dtypeName,
  FLOAT64,
  INT32,
  INT64,
  STRING,
} from "../../../src/dtype/index.ts";
import type { Operation } from "../../../src/physical/index.ts";
import type { LatticeCase } from "../lattice.ts";
import { type ColumnShape, randomBatch, toPlain } from "../random.ts";
import { aggregateOperation, callsOn } from "./aggregate.ts";

const ROWS = 1300;

/** Of the rows in the order of their keys, those that take the places from the first on. */
const ORDERS: Readonly<Record<string, (sorted: readonly number[]) => readonly number[]>> = {
  sorted: (rows) => rows,
  reversed: (rows) => rows.toReversed(),
  alternating: (rows) => {
    const half = rows.length >> 1;
    return rows.map((_, place) => rows[(place % 2) * half + (place >> 1)] as number);
  },
  "one key": (rows) => rows.map(() => rows[0] as number),
  "one giant group": (rows) => rows.map((row, place) => (place % 50 === 49 ? row : rows[0]!)),
  "a giant group at the end": (rows) => rows.map((row, place) => (place < 60 ? row : rows.at(-1)!)),
};

const KEYS: Readonly<Record<string, ColumnShape>> = {
  bool: { dtype: BOOL },
  "few int32": { dtype: INT32, distinct: 9, tame: true },
  "many int32": { dtype: INT32, tame: true, nullRatio: 0 },
  "wide int64": { dtype: INT64, distinct: 800 },
  float64: { dtype: FLOAT64, distinct: 700 },
  [dtypeName(decimal(38, 10))]: { dtype: decimal(38, 10), distinct: 300 },
  string: { dtype: STRING, distinct: 500 },
  "plain string": { dtype: STRING, distinct: 500, plain: true },
};

/** Column 0 is the key, in the order; the others stay where they are, so that every place is told apart. */
function ordered(seed: number, shape: ColumnShape, order: string): Batch {
  const batch = randomBatch(seed, ROWS, [shape, { dtype: FLOAT64 }, { dtype: INT32, tame: true }]);
  const [key, ...payload] = batch.columns;
  const values = readColumn(key!) as (Scalar | null)[];
  const nullsLast = (a: number, b: number) => {
    const [x, y] = [values[a] ?? null, values[b] ?? null];
    return x === null || y === null ? Number(x === null) - Number(y === null) : compareKeys(x, y);
  };
  const places = ORDERS[order]!([...values.keys()].sort(nullsLast));
  const moved = gather(key!, places);
  return { ...batch, columns: [shape.plain ? toPlain(moved) : moved, ...payload] };
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  aggregate: aggregateOperation([0], callsOn(1, FLOAT64)),
  sort: {
    kind: "sort",
    keys: [
      { column: 0, descending: true, nulls: "last" },
      { column: 2, descending: false, nulls: "first" },
    ],
    limit: null,
  },
  "first rows": {
    kind: "sort",
    keys: [{ column: 0, descending: false, nulls: "first" }],
    limit: 40,
  },
  groupRows: {
    kind: "groupRows",
    keys: [0],
    order: [{ column: 2, descending: true, nulls: "last" }],
    count: 2,
    end: "first",
    dropNullKeys: false,
  },
  join: {
    kind: "join",
    how: "full",
    leftKeys: [0, 2],
    rightKeys: [0, 2],
    nullEquals: true,
    buildSide: "left",
    leftOutputs: [0, 1],
    rightOutputs: [1],
  },
  semi: {
    kind: "join",
    how: "semi",
    leftKeys: [0],
    rightKeys: [0],
    nullEquals: false,
    buildSide: "right",
    leftOutputs: [0, 2],
    rightOutputs: [],
  },
};

export interface OrderedCase extends LatticeCase {
  readonly kind: string;
}

/** Every order of every key; operations take turns, all of them where `full`. */
export function rowOrderCases(full: boolean): readonly OrderedCase[] {
  const operations = Object.entries(OPERATIONS);
  return Object.entries(KEYS).flatMap(([key, shape], k) =>
    Object.keys(ORDERS).flatMap((order, o) =>
      operations
        .filter((_, index) => full || index % 2 === (k + o) % 2)
        .map(([kind, operation]): OrderedCase => {
          const input = ordered(50 + k, shape, order);
          // Pairs of equal keys are found in another order on the other side.
          const other =
            kind === "join" || kind === "semi" ? [ordered(50 + k, shape, "sorted")] : [];
          const name = `${kind} of ${key} keys, ${order}`;
          return { kind, name, operation: { ...operation }, inputs: [input, ...other] };
        }),
    ),
  );
}
