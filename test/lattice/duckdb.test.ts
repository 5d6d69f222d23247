// The reference against DuckDB where the semantics agree: an oracle that shares no code with this engine.

import type { DuckDBConnection } from "@duckdb/node-api";
import { beforeAll, describe, expect, test } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import { columnFromValues, columnToValues } from "../../src/column/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import {
  BOOL,
  DATE,
  FLOAT64,
  INT32,
  INT64,
  Schema,
  STRING,
  timestamp,
} from "../../src/dtype/index.ts";
import { type AnyExpr, coalesce, col, count, lit, max, min, when } from "../../src/expr/index.ts";
import {
  aggregatesIn,
  bindExpression,
  lowerProgram,
  planAggregates,
} from "../../src/function/index.ts";
import type { JoinHow } from "../../src/physical/index.ts";
import { comparable, createTable, openDuckDb, queryColumns } from "./duckdb.ts";
import { randomBatch } from "./random.ts";

const schema = new Schema([
  { name: "i", dtype: INT32 },
  { name: "j", dtype: INT64 },
  { name: "f", dtype: FLOAT64 },
  { name: "g", dtype: FLOAT64 },
  { name: "s", dtype: STRING },
  { name: "b", dtype: BOOL },
  { name: "d", dtype: DATE },
  { name: "t", dtype: timestamp("us") },
]);
const batch = randomBatch(
  77,
  600,
  schema.fields.map(({ dtype }) => ({ dtype, tame: true, distinct: 60 })),
);
// Extreme floats: comparisons and order of NaN, infinities, zeros.
const wild = randomBatch(
  78,
  400,
  schema.fields.map(({ dtype }) => ({ dtype, tame: dtype !== FLOAT64, distinct: 40 })),
);

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuckDb();
  await createTable(connection, "tame", schema.names, batch);
  await createTable(connection, "wild", schema.names, wild);
});

const dtypes = schema.fields.map(({ dtype }) => dtype);
const bind = (expr: AnyExpr) => bindExpression(expr.node, schema, "test");

function evaluated(expr: AnyExpr, input = batch): unknown[] {
  const program = lowerProgram(dtypes, [bind(expr)], null);
  return columnToValues(execute({ kind: "evaluate", program }, [input]).columns[0]!, {
    int64: "bigint",
  });
}

const [i, j, f, g, s, b, d, t] = schema.names.map((name): AnyExpr => col(name)) as [
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
];

const expressions: [AnyExpr, string][] = [
  [i.add(j), "i + j"],
  [i.mul(j).sub(3), "i * j - 3"],
  [i.rem(7), "i % 7"],
  [i.neg(), "-i"],
  [j.abs(), "abs(j)"],
  [f.add(g), "f + g"],
  [f.mul(g).sub(i), "f * g - i"],
  [f.floor(), "floor(f)"],
  [f.ceil(), "ceil(f)"],
  [f.trunc(), "trunc(f)"],
  [f.round(), "round(f)"],
  [f.abs().sqrt(), "sqrt(abs(f))"],
  [b.and(i.gt(0)), "b AND i > 0"],
  [b.or(i.gt(0)), "b OR i > 0"],
  [b.not(), "NOT b"],
  [i.isNull(), "i IS NULL"],
  [i.isNotNull(), "i IS NOT NULL"],
  [coalesce(i, j, lit(5)), "coalesce(i, j, 5)"],
  [i.fillNull(-1), "coalesce(i, -1)"],
  [i.between(-50, 50), "i BETWEEN -50 AND 50"],
  [s.isIn(["text 1", "text 2", "text 500"]), "s IN ('text 1', 'text 2', 'text 500')"],
  [
    when(i.gt(0)).then(s).when(j.gt(0)).then("other").otherwise(null),
    "CASE WHEN i > 0 THEN s WHEN j > 0 THEN 'other' END",
  ],
  [min(i, j), "least(i, j)"],
  [max(f, g), "greatest(f, g)"],
  [s.lt("text 5"), "s < 'text 5'"],
  [s.str.contains("7"), "contains(s, '7')"],
  [s.str.startsWith("text 4"), "starts_with(s, 'text 4')"],
  [s.str.endsWith("9"), "suffix(s, '9')"],
  [s.str.like("%x_4%"), "s LIKE '%x_4%'"],
  [i.cast("float64"), "i::DOUBLE"],
  [i.cast("string"), "i::VARCHAR"],
  [t.cast("date"), "t::DATE"],
  [t.dt.hour(), "hour(t)"],
  [t.dt.second(), "second(t)"],
  [t.dt.epoch("us"), "epoch_us(t)"],
  [t.dt.truncate("1mo"), "date_trunc('month', t)"],
  [t.dt.truncate("1w"), "date_trunc('week', t)"],
  [t.dt.truncate("1q"), "date_trunc('quarter', t)"],
  [t.dt.truncate("1h"), "date_trunc('hour', t)"],
  [d.lt(t), "d < t"],
];

describe("expressions", () => {
  test.each(expressions.map(([expr, sql]) => ({ sql, expr })))("$sql", async ({ expr, sql }) => {
    const [expected] = await queryColumns(connection, `SELECT ${sql} FROM tame ORDER BY row`);
    expect(evaluated(expr).map(comparable)).toEqual(expected!.map(comparable));
  });
  const ordered = [f.lt(g), f.eq(g), f.le(g), max(f, g), f.isNan()];
  const sql = ["f < g", "f = g", "f <= g", "greatest(f, g)", "isnan(f)"];
  test.each(ordered.map((expr, index) => ({ expr, text: sql[index] })))(
    "$text of wild floats",
    async ({ expr, text }) => {
      const [expected] = await queryColumns(connection, `SELECT ${text} FROM wild ORDER BY row`);
      expect(evaluated(expr, wild).map(comparable)).toEqual(expected!.map(comparable));
    },
  );
});

describe("aggregates by group", () => {
  const exact: [AnyExpr, string][] = [
    [count(), "count(*)"],
    [i.count(), "count(i)"],
    [i.sum(), "sum(i)"],
    [i.min(), "min(i)"],
    [f.max(), "max(f)"],
    [s.min(), "min(s)"],
    [t.max(), "max(t)"],
    [s.nUnique(), "count(DISTINCT s)"],
    [b.any(), "bool_or(b)"],
    [b.all(), "bool_and(b)"],
    [b.sum(), "sum(b::INTEGER)"],
    [b.max(), "max(b)"],
    [
      i.mode(),
      "list_sort(list_transform(map_entries(histogram(i)), e -> {n: -e.value, v: e.key}))[1].v",
    ],
    [f.argMin(), "list_position(list(f ORDER BY row), min(f)) - 1"],
    [s.argMax(), "list_position(list(s ORDER BY row), max(s)) - 1"],
  ];
  const rounded: [AnyExpr, string][] = [
    [f.sum(), "fsum(f)"],
    [f.mean(), "favg(f)"],
    [i.mean(), "avg(i)"],
    [f.var(), "var_samp(f)"],
    [f.std({ ddof: 0 }), "stddev_pop(f)"],
    [f.median(), "median(f)"],
    [f.skew(), "skewness(f)"],
    [f.kurtosis(), "kurtosis(f)"],
    [f.kurtosis({ bias: true }), "kurtosis_pop(f)"],
    [f.corr(g), "corr(f, g)"],
    [i.cov(f), "covar_samp(i, f)"],
    [f.cov(g, { ddof: 0 }), "covar_pop(f, g)"],
    [i.quantile(0.9), "quantile_cont(i::DOUBLE, 0.9)"],
  ];
  const run = async (expr: AnyExpr, sql: string) => {
    const [call] = aggregatesIn(expr.node);
    const bound = bindExpression(call!, schema, "agg");
    if (bound.kind !== "aggregate") throw new Error("not an aggregate");
    const program = lowerProgram(dtypes, [bind(b), ...bound.args], null);
    const input = execute({ kind: "evaluate", program }, [batch]);
    const request = {
      function: bound.function,
      argColumns: bound.args.map((_, index) => index + 1),
      options: bound.options,
      text: bound.text,
    };
    const inputDTypes = input.columns.map(({ dtype }) => dtype);
    const planned = atOnce(planAggregates([request], inputDTypes));
    const operation = {
      kind: "aggregate",
      phase: "complete",
      keys: [0],
      dropNullKeys: false,
      ...planned,
    } as const;
    const actual = execute(operation, [input]).columns.map((column) => columnToValues(column));
    const query = `SELECT b, ${sql} FROM tame GROUP BY b ORDER BY min(row)`;
    return {
      actual: actual.map((c) => c.map(comparable)),
      expected: (await queryColumns(connection, query)).map((c) => c.map(comparable)),
    };
  };
  test.each(exact.map(([expr, sql]) => ({ sql, expr })))("$sql", async ({ expr, sql }) => {
    const { actual, expected } = await run(expr, sql);
    expect(actual).toEqual(expected);
  });
  test.each(rounded.map(([expr, sql]) => ({ sql, expr })))("$sql", async ({ expr, sql }) => {
    const { actual, expected } = await run(expr, sql);
    expect(actual[0]).toEqual(expected[0]);
    for (const [group, value] of actual[1]!.entries()) {
      expect(value).toBeCloseTo(expected[1]![group] as number, 6);
    }
  });
});

describe("joins keep left order, then right order", () => {
  const kinds: [JoinHow, string][] = [
    ["inner", "JOIN"],
    ["left", "LEFT JOIN"],
    ["right", "RIGHT JOIN"],
    ["full", "FULL JOIN"],
    ["semi", "SEMI JOIN"],
    ["anti", "ANTI JOIN"],
  ];
  test.each(kinds)("%s", async (how, sql) => {
    const numbered = [batch, wild].map(withRowNumbers);
    const oneSided = how === "semi" || how === "anti";
    const operation = {
      kind: "join",
      how,
      leftKeys: [4, 5],
      rightKeys: [4, 5],
      nullEquals: false,
      buildSide: "right",
      leftOutputs: [8],
      rightOutputs: oneSided ? [] : [8],
    } as const;
    const actual = execute(operation, numbered).columns.map((column) => columnToValues(column));
    const select = oneSided ? "tame.row" : "tame.row, wild.row";
    const order = oneSided ? "tame.row" : "tame.row NULLS LAST, wild.row";
    const query = `SELECT ${select} FROM tame ${sql} wild ON tame.s = wild.s AND tame.b = wild.b ORDER BY ${order}`;
    const expected = await queryColumns(connection, query);
    expect(actual).toEqual(expected);
    expect(actual[0]!.length).toBeGreaterThan(0);
  });
});

describe("sort", () => {
  const orders: [string, [number, boolean, "first" | "last"][]][] = [
    ["f ASC NULLS LAST", [[2, false, "last"]]],
    ["f DESC NULLS FIRST", [[2, true, "first"]]],
    [
      "s ASC NULLS FIRST, f DESC NULLS LAST",
      [
        [4, false, "first"],
        [2, true, "last"],
      ],
    ],
    [
      "b DESC NULLS LAST, d ASC NULLS LAST",
      [
        [5, true, "last"],
        [6, false, "last"],
      ],
    ],
  ];
  test.each(orders)("%s", async (sql, keys) => {
    const operation = {
      kind: "sort",
      keys: keys.map(([column, descending, nulls]) => ({ column, descending, nulls })),
      limit: null,
    } as const;
    const sorted = execute(operation, [withRowNumbers(wild)]);
    const [expected] = await queryColumns(connection, `SELECT row FROM wild ORDER BY ${sql}, row`);
    expect(columnToValues(sorted.columns[8]!)).toEqual(expected);
  });
});

/** The batch with its row numbers as last column. */
function withRowNumbers(input: typeof batch): typeof batch {
  const column = columnFromValues(Int32Array.from({ length: input.rowCount }, (_, row) => row));
  return { rowCount: input.rowCount, columns: [...input.columns, column] };
}
