// slice, concat, exponentRange, numberRows and sample.
import { columnFromValues, sliceBatch } from "../../../src/column/index.ts";
import {
  dtypeName,
  FLOAT32,
  FLOAT64,
  INT32,
  INT64,
  STRING,
  UINT64,
} from "../../../src/dtype/index.ts";
import { ALL_DTYPES, EDGE_COUNTS } from "../dtypes.ts";
import type { LatticeCase } from "../lattice.ts";
import { randomBatch } from "../random.ts";

const shapes = ALL_DTYPES.map((dtype) => ({ dtype }));
const rows100 = randomBatch(1, 100, shapes);

export const sliceCases: readonly LatticeCase[] = [
  [0, 100],
  [0, 0],
  [0, 1],
  [1, 1],
  [7, 9],
  [8, 16],
  [31, 33],
  [32, 64],
  [33, 64],
  [99, 5],
  [100, 1],
  [0, 1e9],
  [500, 1],
].map(([offset = 0, length = 0]) => ({
  name: `slice ${offset}, ${length}`,
  operation: { kind: "slice", offset, length },
  inputs: [rows100],
}));

const parts = [3, 0, 8, 13, 1].map((count, index) => randomBatch(index, count, shapes));
const strings = (seed: number, plain: boolean) =>
  randomBatch(seed, 40, [
    { dtype: STRING, plain },
    { dtype: INT64, nullRatio: 0 },
  ]);
export const concatCases: readonly LatticeCase[] = [
  { name: "concat of one", inputs: [rows100] },
  { name: "concat of uneven parts", inputs: parts },
  { name: "concat of empty parts", inputs: [parts[1]!, parts[1]!] },
  {
    name: "concat of slices at odd offsets",
    inputs: [sliceBatch(rows100, 3, 30), sliceBatch(rows100, 41, 50)],
  },
  {
    name: "concat of other dictionaries",
    inputs: [strings(1, false), strings(2, false), strings(3, false)],
  },
  {
    name: "concat of one dictionary",
    inputs: [sliceBatch(rows100, 0, 50), sliceBatch(rows100, 50, 50)],
  },
  { name: "concat of plain strings", inputs: [strings(4, true), strings(5, true)] },
  {
    name: "concat of plain and dictionary",
    inputs: [strings(6, false), strings(7, true), strings(8, false)],
  },
  ...EDGE_COUNTS.map((count) => ({
    name: `concat of ${count} rows and 5`,
    inputs: [randomBatch(9, count, shapes), randomBatch(10, 5, shapes)],
  })),
].map((entry) => ({ ...entry, operation: { kind: "concat" } }));

const doubles = (values: readonly (number | null)[]) => {
  const column = columnFromValues(values, FLOAT64);
  return { rowCount: values.length, columns: [column] };
};
const range = (name: string, inputs: LatticeCase["inputs"]): LatticeCase => ({
  name: `exponent range of ${name}`,
  operation: { kind: "exponentRange", columns: inputs[0]!.columns.map((_, index) => index) },
  inputs,
});
export const exponentRangeCases: readonly LatticeCase[] = [
  range("nothing", [doubles([])]),
  range("nulls", [doubles([null, null])]),
  range("zeros and specials", [doubles([0, -0, Number.NaN, Infinity, null])]),
  range("one", [doubles([1])]),
  range("the least and the greatest", [doubles([5e-324, -Number.MAX_VALUE])]),
  range("a power of two and its neighbor", [doubles([8, 8 - 2 ** -50])]),
  ...[FLOAT64, FLOAT32, INT64, INT32, UINT64].flatMap((dtype) => [
    range(`adversarial ${dtypeName(dtype)}`, [randomBatch(3, 1000, [{ dtype }])]),
    range(`tame ${dtypeName(dtype)}`, [
      randomBatch(4, 5000, [
        { dtype, tame: true },
        { dtype, tame: true, nullRatio: 0 },
      ]),
    ]),
  ]),
];

export const numberRowsCases: readonly LatticeCase[] = [0, 1, 3, 4000].map((partition) => ({
  name: `number rows of partition ${partition}`,
  operation: { kind: "numberRows", partition },
  inputs: [rows100],
}));
export const sampleCases: readonly LatticeCase[] = [0, 1, 3, 99, 100, 1000].map((count) => ({
  name: `sample ${count}`,
  operation: { kind: "sample", count },
  inputs: [rows100],
}));
