// What fromColumns() and fromRows() take, made into columns of values. What is no list of values is refused here: an object
// without a length would otherwise be a column of no rows.

import { InvalidArgumentError } from "../base/index.ts";
import type { CellValue, ColumnValues } from "../column/index.ts";
import { type DType, Schema, STRING, toDType } from "../dtype/index.ts";

/** The values of one column. An iterable is read once, to its end. */
export type ColumnInput = ColumnValues | (object & Iterable<CellValue>);

export interface NamedValues {
  readonly name: string;
  readonly values: ColumnValues;
}

/** @throws InvalidArgumentError for what is no object of columns, or where one is no list of values. */
export function namedValues(columns: unknown): NamedValues[] {
  if (typeof columns !== "object" || columns === null || isIterable(columns)) {
    throw new InvalidArgumentError(
      `fromColumns() takes an object of columns, not ${describe(columns)}`,
      {
        operator: "fromColumns",
        hint: "Write fromColumns({ a: [1, 2], b: [3, 4] }), or fromRows() for rows; of a Map, Object.fromEntries(map).",
      },
    );
  }
  return Object.entries(columns).map(([name, values]) => ({ name, values: listOf(values, name) }));
}

function listOf(values: unknown, name: string): ColumnValues {
  if (Array.isArray(values)) return values;
  if (values instanceof Uint8ClampedArray) {
    return new Uint8Array(values.buffer, values.byteOffset, values.length);
  }
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) return values as ColumnValues;
  if (typeof values === "object" && values !== null && isIterable(values)) {
    return [...values] as CellValue[];
  }
  throw new InvalidArgumentError(
    `column ${JSON.stringify(name)} is ${describe(values)}, not a list of values`,
    {
      operator: "fromColumns",
      column: name,
      hint: "Give an array, a typed array, or an iterable of values such as a Set; await what comes later first.",
    },
  );
}

/** @throws InvalidArgumentError for what is no list of objects, with the row. */
export function rowObjects(rows: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list = Array.isArray(rows)
    ? rows
    : typeof rows === "object" && rows !== null && isIterable(rows)
      ? [...rows]
      : null;
  const hint = "Write fromRows([{ a: 1 }, { a: 2 }]); for lists of values there is fromColumns().";
  if (list === null) {
    throw new InvalidArgumentError(`fromRows() takes a list of objects, not ${describe(rows)}`, {
      operator: "fromRows",
      hint,
    });
  }
  list.forEach((row: unknown, index) => {
    const isRow = typeof row === "object" && row !== null && !(row instanceof Promise);
    if (isRow && !isIterable(row)) return;
    throw new InvalidArgumentError(
      `fromRows(): row ${index} is ${describe(row)}, not an object of values by column`,
      { operator: "fromRows", row: index, hint },
    );
  });
  return list as readonly Readonly<Record<string, unknown>>[];
}

/** The dtypes of the option `schema`, which may name some of the columns. */
export function dtypesOf(options: unknown, names: readonly string[]): Map<string, DType> {
  const found = new Map<string, DType>();
  if (typeof options !== "object" || options === null) throw noDTypes("options", options);
  const dtypes: unknown = Reflect.get(options, "schema");
  if (dtypes === undefined) return found;
  if (typeof dtypes !== "object" || dtypes === null || isIterable(dtypes)) {
    throw noDTypes("schema", dtypes);
  }
  const known = new Schema(names.map((name) => ({ name, dtype: STRING })));
  for (const [name, like] of Object.entries(dtypes)) {
    known.indexOf(name, "schema");
    found.set(name, toDType(like));
  }
  return found;
}

function noDTypes(what: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`${what} is an object, not ${describe(value)}`, {
    operator: "schema",
    hint: 'Write { schema: { a: "int32" } }.',
  });
}

function isIterable(value: object): value is Iterable<unknown> {
  return typeof Reflect.get(value, Symbol.iterator) === "function";
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name: unknown = Reflect.get(value, "constructor");
  return typeof name === "function" && name !== Object ? `a value of ${name.name}` : "an object";
}
