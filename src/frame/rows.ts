// Rows and columns as JavaScript objects. Any text is a column name: "__proto__" becomes an own property like any other.

import { checkOptions, type OptionKinds } from "../base/index.ts";
import { type Batch, columnToValues, type JsValue, type ToValuesOptions } from "../column/index.ts";
import type { Schema } from "../dtype/index.ts";

const VALUES: OptionKinds<ToValuesOptions> = {
  int64: ["number", "bigint"],
  decimal: ["string", "number"],
};

export function valuesOptions(operator: string, options: ToValuesOptions | undefined) {
  checkOptions(operator, options, VALUES);
  return options ?? {};
}

type Entry = Record<string, unknown>;

/** Sets an own property; plain assignment to `__proto__` would set the prototype instead. */
function setOwn(target: Entry, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

export function batchToRows(batch: Batch, schema: Schema, options: ToValuesOptions): Entry[] {
  const columns = valuesOf(batch, schema, options);
  const names = schema.names;
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const entry: Entry = {};
    for (const [index, name] of names.entries()) setOwn(entry, name, columns[index]?.[row]);
    return entry;
  });
}

export function batchToColumns(batch: Batch, schema: Schema, options: ToValuesOptions): Entry {
  const entry: Entry = {};
  for (const [index, values] of valuesOf(batch, schema, options).entries()) {
    setOwn(entry, schema.field(index).name, values);
  }
  return entry;
}

function valuesOf(batch: Batch, schema: Schema, options: ToValuesOptions): JsValue[][] {
  return batch.columns.map((column, index) =>
    columnToValues(column, options, schema.field(index).name),
  );
}
