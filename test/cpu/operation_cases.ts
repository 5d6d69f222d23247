// Small queries of every operation of the addon: for tests that make them go wrong on the way.

import { type Column, columnFromValues } from "../../src/column/index.ts";
import { FLOAT64, INT32, Schema, STRING } from "../../src/dtype/index.ts";
import { col } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import type { Operation } from "../../src/physical/index.ts";
import { aggregateOperation, callsOn, onlyCalls } from "../lattice/cases/aggregate.ts";
import type { LatticeCase } from "../lattice/lattice.ts";
import { toPlain } from "../lattice/random.ts";

/** Group keys, floats in no order, and few and many distinct texts, one of them plain. */
function table(rows: number): readonly Column[] {
  const scrambled = (row: number) => Math.imul(row + 1, 0x9e3779b1) >>> 0;
  const few = Array.from({ length: rows }, (_, row) => `text ${scrambled(row) % 50}`);
  const many = few.map((text, row) => `${text}, ${scrambled(row) % rows}`);
  return [
    columnFromValues(Int32Array.from({ length: rows }, (_, row) => scrambled(row) % 5000)),
    columnFromValues(Float64Array.from({ length: rows }, (_, row) => scrambled(row) / 7)),
    columnFromValues(few, STRING),
    toPlain(columnFromValues(many, STRING)),
  ];
}

const schema = new Schema([
  { name: "k", dtype: INT32 },
  { name: "x", dtype: FLOAT64 },
  { name: "few", dtype: STRING },
  { name: "many", dtype: STRING },
]);
const bound = (expr: Parameters<typeof bindExpression>[0]) => bindExpression(expr, schema, "test");
const program = lowerProgram(
  schema.fields.map(({ dtype }) => dtype),
  [col("x").mul(2).sqrt(), col("few").str.upper(), col("many")].map(({ node }) => bound(node)),
  bound(col("x").gt(1e6).and(col("many").str.contains("7")).node),
);

const many = col("many");
const texts = lowerProgram(
  schema.fields.map(({ dtype }) => dtype),
  [
    many.str.slice(5, 2).str.trim().str.toInteger({ strict: false }),
    many.str.length(),
    many.str.replace(/(\d+), (\d*)/, "$2 of $1"),
    many.str.concat(" is ", col("k").cast(STRING)),
    col("few").str.padStart(9).eq("  text 7"),
  ].map(({ node }) => bound(node)),
  bound(many.str.matches(/[3-7]$/).node),
);

const byIntegers = onlyCalls(aggregateOperation([0], callsOn(1, FLOAT64)), ({ kind }) =>
  ["sum", "quantile", "nUnique"].includes(kind),
);
const operations: Readonly<Record<string, Operation>> = {
  evaluate: { kind: "evaluate", program },
  "aggregate by integers": byIntegers,
  "aggregate by plain texts": onlyCalls(
    aggregateOperation([3], callsOn(1, FLOAT64)),
    ({ kind }) => kind === "mean",
  ),
  "aggregate without keys": onlyCalls(
    aggregateOperation([], callsOn(1, FLOAT64)),
    ({ kind }) => kind === "mean" || kind === "mode",
  ),
  groupRows: {
    kind: "groupRows",
    keys: [0],
    order: [{ column: 1, descending: true, nulls: "last" }],
    count: 2,
    end: "first",
    dropNullKeys: false,
  },
  "sort by floats": {
    kind: "sort",
    keys: [{ column: 1, descending: false, nulls: "last" }],
    limit: null,
  },
  "sort by plain texts": {
    kind: "sort",
    keys: [{ column: 3, descending: true, nulls: "first" }],
    limit: null,
  },
  "join of unique floats": {
    kind: "join",
    how: "full",
    leftKeys: [1],
    rightKeys: [1],
    nullEquals: false,
    buildSide: "right",
    leftOutputs: [0, 3],
    rightOutputs: [1, 2],
  },
  "join of plain texts": {
    kind: "join",
    how: "semi",
    leftKeys: [3],
    rightKeys: [3],
    nullEquals: false,
    buildSide: "right",
    leftOutputs: [1],
    rightOutputs: [],
  },
  concat: { kind: "concat" },
  slice: { kind: "slice", offset: 3, length: 60_000 },
  exponentRange: { kind: "exponentRange", columns: [1] },
};

/** Every operation on tables of so many rows. */
export function casesOver(rows: number): LatticeCase[] {
  const input = { rowCount: rows, columns: table(rows) };
  return Object.entries(operations).map(([name, operation]) => {
    const isBinary = operation.kind === "join" || operation.kind === "concat";
    return { name, operation, inputs: isBinary ? [input, input] : [input] };
  });
}

/** What functions of texts take: many calls of the addon. */
export function textCase(rows: number): LatticeCase {
  const operation: Operation = { kind: "evaluate", program: texts };
  return { name: "evaluate texts", operation, inputs: [{ rowCount: rows, columns: table(rows) }] };
}

/** The same values under new identities. */
export function withFreshTexts({ rowCount, columns }: LatticeCase["inputs"][number]) {
  const fresh = (column: Column): Column =>
    column.data.encoding === "plain"
      ? { ...column, data: { ...column.data, offsets: column.data.offsets.slice() } }
      : column;
  return { rowCount, columns: columns.map(fresh) };
}
