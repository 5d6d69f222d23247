// Logical plans as DuckDB's SQL, where it means the same. Every relation has the columns c0, c1, ... and `o`, its row's
// place in the order that this engine promises; so that rows can be compared in order, and slices mean something.

import { assertNever } from "../../src/base/index.ts";
import { formatDateText, formatTimestampText } from "../../src/column/index.ts";
import type { DType, Schema } from "../../src/dtype/index.ts";
import type { ExprNode } from "../../src/expr/index.ts";
import { type BoundExpr, bindExpression } from "../../src/function/index.ts";
import {
  type Aggregate,
  type GroupRows,
  type Join,
  joinOutputs,
  type LogicalPlan,
  type LogicalSortKey,
  type ScanTable,
} from "../../src/plan/index.ts";
import { SQL_TYPES } from "../lattice/duckdb.ts";

/** `tableOf` gives the name of the DuckDB table with the rows of a scan, in columns c0, c1, ... and `o`. */
export function planSql(plan: LogicalPlan, tableOf: (scan: ScanTable) => string): string {
  const { length } = plan.schema;
  const input = (inner: LogicalPlan) => `(${planSql(inner, tableOf)})`;
  switch (plan.kind) {
    case "scanTable":
      return `SELECT ${columnsFrom(length)}, o FROM ${tableOf(plan)}`;
    case "project": {
      const outputs = plan.columns.map(({ expr }, index) => {
        return `${exprSql(expr, plan.input.schema)} AS c${index}`;
      });
      return `SELECT ${[...outputs, "o"].join(", ")} FROM ${input(plan.input)}`;
    }
    case "filter":
      return `SELECT * FROM ${input(plan.input)} WHERE ${exprSql(plan.predicate, plan.schema)}`;
    case "aggregate":
      return aggregateSql(plan, input(plan.input));
    case "groupRows":
      return groupRowsSql(plan, input(plan.input));
    case "join":
      return joinSql(plan, input(plan.left), input(plan.right));
    case "sort": {
      const keys = orderSql(plan.keys, plan.schema);
      return renumbered(columnsFrom(length), input(plan.input), [...keys, "o"]);
    }
    case "slice": {
      const rows = `SELECT *, row_number() OVER (ORDER BY o) AS n FROM ${input(plan.input)}`;
      const { offset, length: count } = plan;
      return `SELECT ${columnsFrom(length)}, o FROM (${rows}) WHERE n > ${offset} AND n <= ${offset + count}`;
    }
    case "distinct": {
      const names = plan.columns ?? plan.schema.names;
      if (names.length === 0) throw new Error("distinct by no columns has no SQL");
      const by = names.map((name) => `c${plan.schema.indexOf(name)}`).join(", ");
      return `SELECT * FROM ${input(plan.input)} QUALIFY row_number() OVER (PARTITION BY ${by} ORDER BY o) = 1`;
    }
    case "concat": {
      const parts = plan.inputs.map((part, index) => {
        return `SELECT ${columnsFrom(length)}, o AS inner_o, ${index} AS part FROM ${input(part)}`;
      });
      return renumbered(columnsFrom(length), `(${parts.join(" UNION ALL ")})`, ["part", "inner_o"]);
    }
    case "repartition":
      return planSql(plan.input, tableOf);
    case "scanCsv":
    case "scanPersisted":
      throw new Error(`${plan.kind} has no SQL here`);
    default:
      return assertNever(plan);
  }
}

function columnsFrom(length: number, prefix = ""): string {
  return Array.from({ length }, (_, index) => `${prefix}c${index}`).join(", ");
}

function renumbered(columns: string, from: string, order: readonly string[]): string {
  return `SELECT ${columns}, row_number() OVER (ORDER BY ${order.join(", ")}) AS o FROM ${from}`;
}

function orderSql(keys: readonly LogicalSortKey[], schema: Schema): string[] {
  return keys.map(({ expr, descending, nulls }) => {
    return `${exprSql(expr, schema)} ${descending ? "DESC" : "ASC"} NULLS ${nulls}`;
  });
}

function groupRowsSql(plan: GroupRows, from: string): string {
  const by = plan.keys.map(({ expr }) => exprSql(expr, plan.schema));
  const order = [...orderSql(plan.order, plan.schema), "o"].join(", ");
  const partition = `PARTITION BY ${by.join(", ")}`;
  const place = `row_number() OVER (${partition} ORDER BY ${order}) AS place`;
  const dropped = plan.dropNulls
    ? ` WHERE ${by.map((key) => `${key} IS NOT NULL`).join(" AND ")}`
    : "";
  const placed = `SELECT *, ${place}, count(*) OVER (${partition}) AS size FROM ${from}${dropped}`;
  const kept = plan.end === "first" ? `place <= ${plan.count}` : `place > size - ${plan.count}`;
  return `SELECT ${columnsFrom(plan.schema.length)}, o FROM (${placed}) WHERE ${kept}`;
}

function aggregateSql(plan: Aggregate, from: string): string {
  const { schema } = plan.input;
  const keys = plan.keys.map(({ expr }, index) => `${exprSql(expr, schema)} AS c${index}`);
  const calls = plan.aggregates.map(({ expr }, index) => {
    return `${callSql(bindExpression(expr, schema, "sql"))} AS c${keys.length + index}`;
  });
  if (keys.length === 0) return `SELECT ${calls.join(", ")}, 1 AS o FROM ${from}`;
  // The keys by name, in a relation of their own: an alias c0 would mean the input's column in GROUP BY.
  const width = columnsFrom(schema.length);
  const keyed = `(SELECT ${width}, o, ${keys.map((key) => key.replace(/AS c(\d+)$/, "AS k$1")).join(", ")} FROM ${from})`;
  const dropped = plan.keys.map((_, index) => `k${index} IS NOT NULL`).join(" AND ");
  const where = plan.dropNulls ? ` WHERE ${dropped}` : "";
  const by = plan.keys.map((_, index) => `k${index}`);
  const outputs = [...by.map((key, index) => `${key} AS c${index}`), ...calls, "min(o) AS o"];
  const grouped = `SELECT ${outputs.join(", ")} FROM ${keyed}${where} GROUP BY ${by.join(", ")}`;
  if (!plan.sortKeys) return grouped;
  const order = plan.keys.map((_, index) => `c${index} ASC NULLS LAST`);
  return renumbered(columnsFrom(plan.schema.length), `(${grouped})`, order);
}

function callSql(call: BoundExpr): string {
  if (call.kind !== "aggregate") throw new Error(`${call.kind} of aggregates has no SQL`);
  const [arg] = call.args.map(boundSql);
  switch (call.function) {
    case "count":
      return arg === undefined ? "count(*)" : `count(${arg})`;
    case "nUnique":
      return `count(DISTINCT ${arg})`;
    case "first":
      return `first(${arg} ORDER BY o) FILTER (${arg} IS NOT NULL)`;
    case "last":
      return `last(${arg} ORDER BY o) FILTER (${arg} IS NOT NULL)`;
    case "min":
    case "max":
      return `${call.function}(${arg})`;
    case "sum":
      return `CAST(sum(${arg}) AS BIGINT)`;
    case "mean":
      return `avg(${arg})`;
    default:
      throw new Error(`${call.function} has no SQL`);
  }
}

const JOINS = { inner: "JOIN", left: "LEFT JOIN", right: "RIGHT JOIN", full: "FULL JOIN" } as const;

/** Left order, then right order; rows without a left partner come last, in right order. */
function joinSql(plan: Join, left: string, right: string): string {
  const { how } = plan;
  if (how === "cross") {
    const outputs = joinOutputs(plan).map((output, index) => {
      const { schema } = output.side === "left" ? plan.left : plan.right;
      return `${output.side === "left" ? "l" : "r"}.c${schema.indexOf(output.source)} AS c${index}`;
    });
    return renumbered(outputs.join(", "), `${left} l, ${right} r`, ["l.o", "r.o"]);
  }
  const equals = plan.nullEquals ? "IS NOT DISTINCT FROM" : "=";
  const sides = [plan.left, plan.right] as const;
  const keys = [plan.leftOn, plan.rightOn].map((on, side) =>
    on.map((key) => exprSql(key, (sides[side] as LogicalPlan).schema, side === 0 ? "l." : "r.")),
  ) as [string[], string[]];
  const condition = keys[0].map((key, index) => `${key} ${equals} ${keys[1][index]}`).join(" AND ");
  if (how === "semi" || how === "anti") {
    const test = how === "semi" ? "EXISTS" : "NOT EXISTS";
    return `SELECT * FROM ${left} l WHERE ${test} (SELECT 1 FROM ${right} r WHERE ${condition})`;
  }
  const outputs = joinOutputs(plan).map((output, index) => {
    return `${outputSql(plan, output.side, output.source, keys)} AS c${index}`;
  });
  const from = `${left} l ${JOINS[how]} ${right} r ON ${condition}`;
  return renumbered(outputs.join(", "), from, ["l.o NULLS LAST", "r.o"]);
}

function outputSql(
  plan: Join,
  side: "left" | "right" | "key",
  source: string,
  [left, right]: readonly [readonly string[], readonly string[]],
): string {
  if (side === "left") return `l.c${plan.left.schema.indexOf(source)}`;
  if (side === "right") return `r.c${plan.right.schema.indexOf(source)}`;
  const index = plan.leftOn.findIndex((key) => nameBelowCast(key) === source);
  if (plan.how === "right") return right[index] as string;
  return plan.how === "full"
    ? `coalesce(${left[index]}, ${right[index]})`
    : (left[index] as string);
}

function nameBelowCast(key: ExprNode): string | null {
  if (key.kind === "column") return key.name;
  return key.kind === "cast" || key.kind === "alias" ? nameBelowCast(key.input) : null;
}

/** The expression over columns `${prefix}c0`, ... of a relation. */
function exprSql(expr: ExprNode, schema: Schema, prefix = ""): string {
  return boundSql(bindExpression(expr, schema, "sql"), prefix);
}

function boundSql(expr: BoundExpr, prefix: unknown = ""): string {
  const scope = typeof prefix === "string" ? prefix : "";
  const inner = (child: BoundExpr) => boundSql(child, scope);
  switch (expr.kind) {
    case "column":
      return `${scope}c${expr.index}`;
    case "literal":
      return literalSql(expr.value, expr.dtype);
    case "cast":
      return `${expr.strict ? "CAST" : "TRY_CAST"}(${inner(expr.input)} AS ${typeSql(expr.dtype)})`;
    case "when": {
      const branches = expr.branches.map(({ condition, value }) => {
        return `WHEN ${inner(condition)} THEN ${inner(value)}`;
      });
      const otherwise = expr.otherwise === null ? "NULL" : inner(expr.otherwise);
      return `CAST(CASE ${branches.join(" ")} ELSE ${otherwise} END AS ${typeSql(expr.dtype)})`;
    }
    case "call": {
      const template = CALLS[expr.function];
      if (template === undefined) throw new Error(`${expr.function} has no SQL`);
      const args = expr.args.map(inner);
      const { values } = expr.options;
      const list = Array.isArray(values) ? values.map((value) => literalIn(value, expr)) : [];
      const text = template(args, { list, pattern: String(expr.options.pattern) });
      return `CAST(${text} AS ${typeSql(expr.dtype)})`;
    }
    case "aggregate":
      throw new Error("an aggregate stands alone in SQL");
    default:
      return assertNever(expr);
  }
}

function literalIn(value: unknown, call: Extract<BoundExpr, { kind: "call" }>): string {
  const dtype = call.args[0]?.dtype as DType;
  return literalSql(value as LiteralScalar, dtype);
}

type LiteralScalar = Extract<BoundExpr, { kind: "literal" }>["value"];
type Template = (
  args: readonly string[],
  options: { readonly list: readonly string[]; readonly pattern: string },
) => string;

const infix = (operator: string): Template => {
  return (args) => `(${args.join(` ${operator} `)})`;
};
const named = (name: string): Template => {
  return (args) => `${name}(${args.join(", ")})`;
};

const CALLS: Readonly<Record<string, Template>> = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  neg: ([x]) => `(- ${x})`,
  abs: named("abs"),
  floor: named("floor"),
  ceil: named("ceil"),
  trunc: named("trunc"),
  round: named("round"),
  min: named("least"),
  max: named("greatest"),
  coalesce: named("coalesce"),
  fillNull: named("coalesce"),
  eq: infix("="),
  ne: infix("<>"),
  lt: infix("<"),
  le: infix("<="),
  gt: infix(">"),
  ge: infix(">="),
  and: infix("AND"),
  or: infix("OR"),
  not: ([x]) => `(NOT ${x})`,
  isNull: ([x]) => `(${x} IS NULL)`,
  isIn: ([x], { list }) => `(${x} IN (${list.join(", ")}))`,
  "str.like": ([x], { pattern }) => `(${x} LIKE '${pattern}')`,
  "dt.year": named("year"),
  "dt.month": named("month"),
  "dt.day": named("day"),
  "dt.weekday": named("isodow"),
  "dt.dayOfYear": named("dayofyear"),
};

function literalSql(value: LiteralScalar, dtype: DType): string {
  if (value === null) return `NULL::${typeSql(dtype)}`;
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (dtype.kind === "date") return `DATE '${formatDateText(Number(value))}'`;
  if (dtype.kind === "timestamp") {
    return `TIMESTAMP '${formatTimestampText(BigInt(value), dtype.unit)}'`;
  }
  return typeof value === "boolean" ? String(value) : `'${value}'::${typeSql(dtype)}`;
}

function typeSql(dtype: DType): string {
  const type = SQL_TYPES[dtype.kind];
  if (type === undefined) throw new Error(`${dtype.kind} has no SQL type here`);
  return type;
}
