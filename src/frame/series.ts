// One column of a Table.

import { InvalidArgumentError, NotSupportedError, shownValue } from "../base/index.ts";
import {
  type Column,
  columnToValues,
  type Dictionary,
  type FixedArray,
  type ToValuesOptions,
  valueAt,
} from "../column/index.ts";
import type { DType, DTypeKind } from "../dtype/index.ts";
import { dtypeName } from "../dtype/index.ts";
import { valuesOptions } from "./rows.ts";
import type { JsValueOf } from "./schema_types.ts";

/** Immutable. Its buffers are the table's: do not write into them. */
export class Series<K extends DTypeKind = DTypeKind> {
  readonly name: string;
  /** The column as the engine holds it: Arrow layout. */
  readonly column: Column;
  declare private readonly kind: K;

  constructor(name: string, column: Column) {
    this.name = name;
    this.column = column;
  }

  get dtype(): DType {
    return this.column.dtype;
  }
  get length(): number {
    return this.column.length;
  }
  get nullCount(): number {
    return this.column.nullCount;
  }
  /** Bit i (least significant first) is set where row i is not null; null when no row is. */
  get validity(): Uint8Array | null {
    return this.column.validity;
  }

  /**
   * The typed array itself: Float64Array for float64, BigInt64Array for int64 and timestamps, Int32Array for dates, a
   * bitmap for bool, the Uint32Array of codes for strings that have a `dictionary`. Decimals are a Uint32Array of four
   * words a row, low word first: the unscaled value as a 128-bit two's complement integer, which is Arrow's layout. What
   * stands under a null is unspecified.
   * @throws NotSupportedError for strings without a dictionary.
   */
  get values(): FixedArray {
    const { data } = this.column;
    switch (data.encoding) {
      case "fixed":
      case "bits":
        return data.values;
      case "dictionary":
        return data.codes;
      case "words":
        return data.values;
      default:
        throw new NotSupportedError(`${JSON.stringify(this.name)} is no single typed array`, {
          column: this.name,
          hint: "Use toArray(), or .column.data for offsets and bytes.",
        });
    }
  }

  /** The distinct texts that the codes in `values` stand for; null without such an encoding. */
  get dictionary(): Dictionary | null {
    const { data } = this.column;
    return data.encoding === "dictionary" ? data.dictionary : null;
  }

  /**
   * JavaScript values: null, boolean, number, string, Date. Decimals are strings with all digits of their scale
   * ("1.50"), which lose nothing; `{ decimal: "number" }` asks for the nearest number.
   * @throws UnsafeIntegerError for a 64-bit integer that a number would round; `{ int64: "bigint" }` never does.
   */
  toArray(options?: { readonly int64?: "number" }): (JsValueOf<K> | null)[];
  toArray(options: ToValuesOptions): (JsValueOf<K> | bigint | null)[];
  toArray(options?: ToValuesOptions): (JsValueOf<K> | bigint | null)[] {
    return columnToValues(this.column, valuesOptions("toArray", options), this.name) as (
      | JsValueOf<K>
      | bigint
      | null
    )[];
  }

  /** One value; undefined outside of the rows. */
  at(row: number, options?: ToValuesOptions): JsValueOf<K> | null | undefined {
    if (typeof row !== "number") {
      throw new InvalidArgumentError(`at() takes the number of a row, not ${shownValue(row)}`, {
        operator: "at",
        column: this.name,
      });
    }
    const index = row < 0 ? this.length + row : row;
    if (!Number.isInteger(index) || index < 0 || index >= this.length) return undefined;
    return valueAt(this.column, index, valuesOptions("at", options)) as JsValueOf<K> | null;
  }

  *[Symbol.iterator](): IterableIterator<JsValueOf<K> | null> {
    yield* this.toArray();
  }

  toString(): string {
    return `Series ${JSON.stringify(this.name)}: ${dtypeName(this.dtype)}, ${this.length} rows`;
  }
}
