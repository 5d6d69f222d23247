// Inputs of several morsels: what the lattice's small tables cannot reach. Parallel partitions, bitmaps whose words two
// threads share, long runs of equal keys, keys of several words, spaces too wide for one number.
import {
  type CellValue,
  type Column,
  columnFromValues,
  type FixedArray,
  sliceBatch,
} from "../../src/column/index.ts";
import {
  DATE,
  type DType,
  FLOAT64,
  INT32,
  INT64,
  Schema,
  STRING,
  UINT64,
} from "../../src/dtype/index.ts";
import { type AnyExpr, col, lit } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import type { JoinHow, JoinOperation, SortKey } from "../../src/physical/index.ts";
import type { LatticeCase } from "../lattice/lattice.ts";
import { type ColumnShape, Random, randomBatch } from "../lattice/random.ts";

const ROWS = 70_000;

const key = (column: number, descending = false, nulls: SortKey["nulls"] = "last"): SortKey => ({
  column,
  descending,
  nulls,
});

function sortCase(
  name: string,
  shapes: readonly ColumnShape[],
  keys: readonly SortKey[],
  limit: number | null = null,
): LatticeCase {
  const batch = randomBatch(11, ROWS, [...shapes, { dtype: INT32, nullRatio: 0.1 }]);
  return { name: `sort ${name}`, operation: { kind: "sort", keys, limit }, inputs: [batch] };
}

/** 0, 1, 2, ... scaled into [0, 1): what a uniform random column looks like to a radix sort, in a scrambled order. */
function scrambled(rows: number): Float64Array {
  const random = new Random(5);
  return Float64Array.from({ length: rows }, () => random.bits() / 2 ** 32);
}

function fixedSort(name: string, values: FixedArray): LatticeCase {
  const rows = Int32Array.from({ length: values.length }, (_, row) => row);
  const columns = [columnFromValues(values), columnFromValues(rows)];
  return {
    name: `sort ${name}`,
    operation: { kind: "sort", keys: [key(0)], limit: null },
    inputs: [{ rowCount: values.length, columns }],
  };
}

const sortCases: readonly LatticeCase[] = [
  sortCase("adversarial float64", [{ dtype: FLOAT64 }], [key(0, true, "first")]),
  sortCase("adversarial int64, a key of 65 bits", [{ dtype: INT64 }], [key(0)]),
  sortCase(
    "few values, long runs",
    [{ dtype: FLOAT64, distinct: 3 }, { dtype: INT64 }],
    [key(0), key(1, true)],
  ),
  sortCase(
    "keys of three words",
    [{ dtype: INT64, distinct: 50 }, { dtype: FLOAT64, distinct: 50 }, { dtype: UINT64 }],
    [key(0), key(1), key(2)],
  ),
  sortCase(
    "strings",
    [
      { dtype: STRING, tame: true },
      { dtype: DATE, tame: true },
    ],
    [key(0), key(1)],
  ),
  sortCase("a narrow key", [{ dtype: DATE, tame: true }], [key(0, false, "first")]),
  sortCase(
    "the first 10",
    [{ dtype: FLOAT64, distinct: 40 }, { dtype: INT64 }],
    [key(0), key(1)],
    10,
  ),
  sortCase("the first 5000", [{ dtype: FLOAT64 }], [key(0, true)], 5000),
  fixedSort("uniform doubles", scrambled(ROWS)),
  fixedSort(
    "one exponent and a tail",
    scrambled(ROWS).map((x, i) => (i % 100 === 0 ? x * 1e-200 : 1 + x)),
  ),
  fixedSort(
    "a constant with one exception",
    new Float64Array(ROWS).fill(7).fill(3, 60_000, 60_001),
  ),
  fixedSort(
    "ascending integers",
    Int32Array.from({ length: ROWS }, (_, i) => i),
  ),
];

/** A key of about `distinct` values spread over `dtype`; null in one row of `nullEvery`. */
interface KeyShape {
  readonly dtype: DType;
  readonly distinct: number;
  readonly nullEvery: number;
}

/** Random values repeat their extremes so often that a join of two such sides explodes: these repeat evenly. */
function keyColumn(seed: number, rows: number, { dtype, distinct, nullEvery }: KeyShape): Column {
  const random = new Random(seed);
  return columnFromValues(
    Array.from({ length: rows }, (): CellValue => {
      const number = random.below(distinct);
      if (random.below(nullEvery) === 0) return null;
      if (dtype === STRING) return `text ${number}`;
      if (dtype === FLOAT64) return [Number.NaN, -0, 0][number] ?? number * 1e-300;
      if (dtype === DATE) return number;
      // The pool holds both ends of int64, so that its range needs more than 64 bits with null.
      const ends = [-(2n ** 63n), 2n ** 63n - 1n];
      return ends[number] ?? BigInt.asIntN(64, BigInt(number) * 0x9e3779b97f4a7c15n);
    }),
    dtype,
  );
}

function joinCase(
  name: string,
  how: JoinHow,
  keys: readonly KeyShape[],
  rows: readonly [number, number],
  options: Partial<JoinOperation> = {},
): LatticeCase {
  const inputs = rows.map((rowCount, side) => ({
    rowCount,
    columns: [
      ...keys.map((shape, index) => keyColumn(2 * index + side, rowCount, shape)),
      ...randomBatch(50 + side, rowCount, [{ dtype: INT32, nullRatio: 0.1 }]).columns,
    ],
  }));
  const positions = keys.map((_, index) => index);
  const all = [...positions, keys.length];
  const operation: JoinOperation = {
    kind: "join",
    how,
    leftKeys: positions,
    rightKeys: positions,
    nullEquals: false,
    buildSide: "right",
    leftOutputs: all,
    rightOutputs: how === "semi" || how === "anti" ? [] : all,
    ...options,
  };
  return { name: `${how} join ${name}`, operation, inputs };
}

const wide: KeyShape = { dtype: INT64, distinct: 30_000, nullEvery: 50 };
const few: KeyShape = { dtype: FLOAT64, distinct: 9, nullEvery: 100 };
const HOWS: readonly JoinHow[] = ["inner", "left", "right", "full", "semi", "anti"];

const joinCases: readonly LatticeCase[] = [
  ...HOWS.map((how) => joinCase("of wide keys", how, [wide], [40_000, 35_000])),
  joinCase("of wide keys built on the left", "full", [wide], [20_000, 45_000], {
    buildSide: "left",
  }),
  joinCase(
    "of wide keys where few nulls match",
    "full",
    [{ ...wide, nullEvery: 5000 }],
    [35_000, 33_000],
    {
      nullEquals: true,
    },
  ),
  joinCase("of three keys", "inner", [wide, few, wide], [35_000, 34_000]),
  joinCase(
    "of two wide keys where nulls match",
    "left",
    [{ ...wide, distinct: 90 }, wide],
    [35_000, 34_000],
    {
      nullEquals: true,
    },
  ),
  joinCase("of strings", "left", [{ dtype: STRING, distinct: 3000, nullEvery: 9 }], [40_000, 2900]),
  joinCase(
    "of dates, a lookup",
    "inner",
    [{ dtype: DATE, distinct: 300, nullEvery: 1e9 }],
    [66_000, 120],
  ),
];

const schema = new Schema([
  { name: "f", dtype: FLOAT64 },
  { name: "i", dtype: INT64 },
  { name: "s", dtype: STRING },
]);

function filterCase(
  name: string,
  predicate: AnyExpr | null,
  outputs: readonly AnyExpr[],
): LatticeCase {
  const input = randomBatch(9, ROWS, [
    { dtype: FLOAT64, tame: true },
    { dtype: INT64, tame: true },
    { dtype: STRING, tame: true },
  ]);
  const bind = (expression: AnyExpr) => bindExpression(expression.node, schema, "test");
  const program = lowerProgram(
    schema.fields.map(({ dtype }) => dtype),
    outputs.map(bind),
    predicate === null ? null : bind(predicate),
  );
  return { name: `evaluate ${name}`, operation: { kind: "evaluate", program }, inputs: [input] };
}

const evaluateCases: readonly LatticeCase[] = [
  filterCase("a dense filter", col("f").gt(-9000), [col("f"), col("s"), col("i").isNull()]),
  filterCase("a sparse filter", col("f").gt(9990), [col("i"), col("s"), col("f").mul(2)]),
  filterCase("a filter that keeps nothing", col("f").gt(1e9), [col("i"), col("f").lt(0)]),
  filterCase("a filter on text", col("s").str.contains("7"), [col("s"), col("i").add(1)]),
  filterCase("arithmetic", null, [
    col("f").mul(col("f")).add(1),
    col("i").mod(7),
    col("f").lt(lit(0.5)),
  ]),
  filterCase("an overflow in the middle", col("f").gt(0), [
    col("i")
      .mul(1 << 30)
      .mul(1 << 30),
  ]),
];

const thirds = [0, 23_333, 46_667].map((offset) =>
  sliceBatch(
    randomBatch(2, ROWS, [{ dtype: FLOAT64 }, { dtype: STRING, tame: true }, { dtype: INT32 }]),
    offset,
    23_333,
  ),
);

export const largeCases: Readonly<Record<string, readonly LatticeCase[]>> = {
  sort: sortCases,
  join: joinCases,
  evaluate: evaluateCases,
  concat: [{ name: "concat of unaligned slices", operation: { kind: "concat" }, inputs: thirds }],
  slice: [
    {
      name: "slice at an odd offset",
      operation: { kind: "slice", offset: 12_345, length: 50_001 },
      inputs: [randomBatch(2, ROWS, [{ dtype: FLOAT64 }, { dtype: STRING, plain: true }])],
    },
  ],
};
