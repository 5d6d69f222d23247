// join: every kind over every dtype of key, null rule, build side, multiplicity and size.
import { type Column, columnFromValues, sliceColumn } from "../../../src/column/index.ts";
import {
  DATE,
  type DType,
  dtypeName,
  FLOAT64,
  INT32,
  INT64,
  STRING,
} from "../../../src/dtype/index.ts";
import type { JoinHow, JoinOperation } from "../../../src/physical/index.ts";
import { ALL_DTYPES } from "../dtypes.ts";
import type { LatticeCase } from "../lattice.ts";
import { type ColumnShape, randomBatch } from "../random.ts";

const KINDS: readonly JoinHow[] = ["inner", "left", "right", "full", "semi", "anti"];

interface JoinShape {
  readonly keys: readonly ColumnShape[];
  readonly rows: readonly [left: number, right: number];
  readonly nullEquals?: boolean;
  readonly buildSide?: JoinOperation["buildSide"];
}

/** Both sides draw their keys from pools made with the same seed, so that many of them meet. */
function joinCase(name: string, how: JoinHow, shape: JoinShape): LatticeCase {
  const { keys, rows, nullEquals = false, buildSide = "right" } = shape;
  const payload: ColumnShape[] = [{ dtype: INT32 }, { dtype: STRING, nullRatio: 0.1 }];
  const inputs = rows.map((count, side) => {
    const keyColumns = keys.map((column, index) =>
      randomBatch(7 + index, count + side * 5, [column]),
    );
    const rest = randomBatch(100 + side, count, payload);
    const columns = keyColumns.map(({ columns: [column] }) => column!);
    return { rowCount: count, columns: [...columns.map((c) => tail(c, count)), ...rest.columns] };
  });
  const positions = keys.map((_, index) => index);
  const all = [...positions, keys.length, keys.length + 1];
  const operation: JoinOperation = {
    kind: "join",
    how,
    leftKeys: positions,
    rightKeys: positions,
    nullEquals,
    buildSide,
    leftOutputs: all,
    rightOutputs: how === "semi" || how === "anti" ? [] : [...all].reverse(),
  };
  return { name: `${how} join ${name}`, operation, inputs };
}

/**
 * Lists of right rows that fill whole cache lines, and a key of left rows alone behind them: a look at its first right row
 * would read beyond all lists. Only where memory is filled (core/buffer.cc) is it sure that this is seen.
 */
function behindTheLastList(how: JoinHow): LatticeCase {
  const left = [0, 9, 9, 3, 9];
  const right = [...Array.from({ length: 32 }, (_, row) => row % 4), 10];
  const inputs = [left, right].map((keys) => ({
    rowCount: keys.length,
    columns: [columnFromValues(keys, INT32)],
  }));
  const operation: JoinOperation = {
    kind: "join",
    how,
    leftKeys: [0],
    rightKeys: [0],
    nullEquals: false,
    buildSide: "right",
    leftOutputs: [0],
    rightOutputs: how === "semi" || how === "anti" ? [] : [0],
  };
  return { name: `${how} join with a key behind all lists`, operation, inputs };
}

/** The last rows, so that the two sides hold different rows of one pool. */
function tail(column: Column, count: number): Column {
  return sliceColumn(column, column.length - count, count);
}

const pool = (dtype: DType, distinct = 40): ColumnShape => ({ dtype, distinct, nullRatio: 0.15 });

const everyDType = ALL_DTYPES.flatMap((dtype) =>
  (["inner", "full"] as const).map((how) =>
    joinCase(`on ${dtypeName(dtype)}`, how, { keys: [pool(dtype)], rows: [200, 150] }),
  ),
);

const everyKind = KINDS.flatMap((how) => [
  joinCase("on two keys", how, { keys: [pool(STRING, 6), pool(FLOAT64, 5)], rows: [120, 90] }),
  joinCase("built on the left", how, { keys: [pool(INT64)], rows: [90, 200], buildSide: "left" }),
  joinCase("where nulls match", how, {
    keys: [pool(INT32, 9), pool(DATE, 3)],
    rows: [60, 70],
    nullEquals: true,
  }),
  joinCase("of a plain string key", how, {
    keys: [{ ...pool(STRING), plain: true }],
    rows: [100, 100],
  }),
  joinCase("of nothing with something", how, { keys: [pool(INT64)], rows: [0, 50] }),
  joinCase("of something with nothing", how, { keys: [pool(STRING)], rows: [50, 0] }),
  joinCase("of nothing with nothing", how, { keys: [pool(FLOAT64)], rows: [0, 0] }),
  joinCase("of keys that are all null", how, {
    keys: [{ dtype: INT64, nullRatio: 1 }],
    rows: [20, 20],
  }),
  joinCase("of all with all", how, {
    keys: [{ dtype: INT32, distinct: 1, nullRatio: 0 }],
    rows: [70, 65],
  }),
  joinCase("of distinct keys", how, { keys: [{ dtype: INT64, nullRatio: 0 }], rows: [300, 300] }),
  behindTheLastList(how),
]);

const large = [
  joinCase("of 5000 rows with 1000", "inner", { keys: [pool(INT64, 800)], rows: [5000, 1000] }),
  joinCase("of 1000 rows with 5000", "left", {
    keys: [pool(STRING, 900)],
    rows: [1000, 5000],
    buildSide: "left",
  }),
];

export const joinCases: readonly LatticeCase[] = [...everyDType, ...everyKind, ...large];
