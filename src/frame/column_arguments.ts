// The arguments of select(), groupBy(), sort(): names, expressions, or a callback over the frame's columns.

import { InvalidArgumentError, shownValue } from "../base/index.ts";
import { type DTypeLike, type Schema, toDType } from "../dtype/index.ts";
import {
  type AnyExpr,
  castNode,
  col,
  columnNode,
  Expr,
  type ExprNode,
  toNode,
} from "../expr/index.ts";
import { outputName } from "../function/index.ts";
import { keepColumn, type NamedExpr } from "../plan/index.ts";

/** A name or an expression, with the name that it gets in the result. */
export function namedColumn(column: unknown, schema: Schema, operator: string): NamedExpr {
  const expr = columnExpr(column, schema, operator);
  const name = outputName(expr);
  return { name, expr };
}

export function columnExpr(column: unknown, schema: Schema, operator: string): ExprNode {
  if (column instanceof Expr) return column.node;
  if (typeof column === "string") {
    schema.indexOf(column, operator);
    return columnNode(column);
  }
  throw new InvalidArgumentError(
    `${operator}() takes column names and expressions, not ${shownValue(column)}`,
    {
      operator,
      hint: "Write a name, or col(NAME) and what to do with it.",
    },
  );
}

export const DISTINCT_HINT = 'Write distinct(["a", "b"]).';

/** Of distinct(). */
export function checkListOfNames(columns: unknown): void {
  const isList = Array.isArray(columns) && columns.every((name) => typeof name === "string");
  if (isList) return;
  throw new InvalidArgumentError("distinct() takes a list of column names", {
    operator: "distinct",
    hint: DISTINCT_HINT,
  });
}

/** Of rename(). */
export function renamedColumns(names: object, schema: Schema): NamedExpr[] {
  const targets = byColumn("rename", names, '{ from: "to" }', schema);
  return schema.names.map((name) => {
    const target = targets.get(name) ?? name;
    if (typeof target === "string") return { name: target, expr: columnNode(name) };
    throw new InvalidArgumentError(
      `rename() takes { from: to } of names, not ${shownValue(target)}`,
      { operator: "rename", column: name },
    );
  });
}

/** Of cast(). */
export function castColumns(dtypes: object, strict: boolean, schema: Schema): NamedExpr[] {
  const targets = byColumn("cast", dtypes, '{ a: "int64" }', schema);
  return schema.names.map((name) => {
    const dtype = targets.get(name);
    if (dtype === undefined) return keepColumn(name);
    return {
      name,
      expr: castNode(columnNode(name), toDType(dtype as DTypeLike, "cast"), strict),
    };
  });
}

/** `{ column: ... }`. */
function byColumn(
  operator: string,
  given: object,
  form: string,
  schema: Schema,
): ReadonlyMap<string, unknown> {
  const isPlain = typeof given === "object" && given !== null && !(given instanceof Expr);
  if (!isPlain || Array.isArray(given)) {
    throw new InvalidArgumentError(`${operator}() takes ${form}, not ${shownValue(given)}`, {
      operator,
    });
  }
  const entries = new Map<string, unknown>(Object.entries(given));
  for (const name of entries.keys()) schema.indexOf(name, operator);
  return entries;
}

/** `{ name: expression or plain value }`. */
export function namedEntries(entries: object, operator: string): NamedExpr[] {
  if (
    entries === null ||
    typeof entries !== "object" ||
    entries instanceof Expr ||
    Array.isArray(entries)
  ) {
    throw new InvalidArgumentError(
      `${operator}() takes an object of expressions by name, not ${shownValue(entries)}`,
      {
        operator,
        hint: `Write ${operator}({ total: col("a").add(col("b")) }).`,
      },
    );
  }
  return Object.entries(entries).map(([name, value]) => ({ name, expr: toNode(value, operator) }));
}

/**
 * The columns as properties, for callbacks. A property that is no column raises ColumnNotFoundError, where a plain object
 * would give undefined and an error far from its cause.
 */
export function columnProxy(schema: Schema, operator: string): Readonly<Record<string, AnyExpr>> {
  return new Proxy(Object.create(null) as Record<string, AnyExpr>, {
    get: (_, name) => {
      if (typeof name !== "string") return undefined;
      schema.indexOf(name, operator);
      return col(name);
    },
    has: (_, name) => typeof name === "string" && schema.has(name),
    ownKeys: () => schema.names,
    getOwnPropertyDescriptor: (_, name) =>
      typeof name === "string" && schema.has(name)
        ? { value: col(name), enumerable: true, configurable: true }
        : undefined,
  });
}
