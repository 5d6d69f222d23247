// Functions of texts on the reference against DuckDB, where the semantics agree: letters without special casing (DuckDB
// maps one to one), spaces as the only white space, no combining characters (it reverses graphemes).
import type { DuckDBConnection } from "@duckdb/node-api";
import { beforeAll, expect, test } from "vitest";
import { columnFromValues, columnToValues } from "../../src/column/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import { Schema, STRING } from "../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import { createTable, openDuckDb, queryColumns } from "./duckdb.ts";
import { Random } from "./random.ts";

const schema = new Schema([
  { name: "s", dtype: STRING },
  { name: "t", dtype: STRING },
]);
const LETTERS = [..."abcABC 019_-.'%\\éÜжЯλ東😀"];

function texts(seed: number): (string | null)[] {
  const random = new Random(seed);
  return Array.from({ length: 600 }, () => {
    if (random.chance(0.1)) return null;
    return Array.from({ length: random.below(9) }, () => random.pick(LETTERS)).join("");
  });
}

const batch = {
  rowCount: 600,
  columns: [columnFromValues(texts(1), STRING), columnFromValues(texts(2), STRING)],
};

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuckDb();
  await createTable(connection, "texts", schema.names, batch);
});

const [s, t] = [col("s") as AnyExpr, col("t") as AnyExpr];
const CASES: readonly [AnyExpr, string][] = [
  [s.str.upper(), "upper(s)"],
  [s.str.lower(), "lower(s)"],
  [s.str.trim(), "trim(s)"],
  [s.str.trimStart(), "ltrim(s)"],
  [s.str.trimEnd(), "rtrim(s)"],
  [s.str.length(), "length(s)"],
  [s.str.byteLength(), "strlen(s)"],
  [s.str.reverse(), "reverse(s)"],
  [s.str.slice(1, 3), "substring(s, 2, 3)"],
  [s.str.slice(3), "substring(s, 4)"],
  [s.str.slice(-2), "right(s, 2)"],
  [s.str.split("a", 0), "split_part(s, 'a', 1)"],
  [s.str.split("a", 1).fillNull(""), "coalesce(split_part(s, 'a', 2), '')"],
  [s.str.split("a", -1), "split_part(s, 'a', -1)"],
  [s.str.replace("a", "xy"), "replace(s, 'a', 'xy')"],
  [s.str.padStart(40, "*é"), "lpad(s, 40, '*é')"],
  [s.str.padEnd(40, "-"), "rpad(s, 40, '-')"],
  [s.str.repeat(3), "repeat(s, 3)"],
  [s.str.concat("-", t), "s || '-' || t"],
  [s.lt(t), "s < t"],
  [s.str.matches(/^[ab]+/), "regexp_matches(s, '^[ab]+')"],
  [s.str.matches(/a.c|\d\d$/), "regexp_matches(s, 'a.c|[0-9][0-9]$')"],
  [s.str.matches(/[a-c]{2,3}\b/i), "regexp_matches(s, '[a-c]{2,3}\\b', 'i')"],
  [s.str.matches(/\p{Lu}\p{Ll}/u), "regexp_matches(s, '\\p{Lu}\\p{Ll}')"],
  [s.str.matches(/東|(?:[ж-я]){2}/iu), "regexp_matches(s, '東|(?:[ж-я]){2}', 'i')"],
  [s.str.replace(/[a-c]+/, "<$&>"), "regexp_replace(s, '[a-c]+', '<\\0>', 'g')"],
  [s.str.replace(/(.)([0-9])/, "$2$1"), "regexp_replace(s, '(.)([0-9])', '\\2\\1', 'g')"],
  [s.str.replace(/a|ab|(c)/, "[$1]", { all: false }), "regexp_replace(s, 'a|ab|(c)', '[\\1]')"],
  [
    s.str.toInteger({ strict: false }),
    "CASE WHEN regexp_matches(s, '^-?[0-9]+$') THEN s::BIGINT END",
  ],
];

test.each(CASES.map(([expr, sql]) => ({ sql, expr })))("$sql", async ({ expr, sql }) => {
  const bound = bindExpression(expr.node, schema, "test");
  const program = lowerProgram([STRING, STRING], [bound], null);
  const [column] = execute({ kind: "evaluate", program }, [batch]).columns;
  const [expected] = await queryColumns(connection, `SELECT ${sql} FROM texts ORDER BY row`);
  const plain = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);
  expect(columnToValues(column!).map(plain)).toEqual(expected!.map(plain));
});
