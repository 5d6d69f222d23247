// Columns to and from the addon's form. Nothing is copied: both sides see the same memory.

import { assert } from "../../base/index.ts";
import { STORAGE, storageOf } from "../../codegen/index.ts";
import {
  type Column,
  type ColumnData,
  type ColumnStatistics,
  DECIMAL_WORDS,
  Dictionary,
  type FixedArray,
} from "../../column/index.ts";
import type { DType } from "../../dtype/index.ts";
import type { NativeColumn } from "./native_addon.ts";

export function toNative(column: Column): NativeColumn {
  const { length, nullCount, validity, data } = column;
  const base = { storage: storageOf(column), length, nullCount, validity };
  switch (data.encoding) {
    case "fixed":
    case "bits":
      return { ...base, values: data.values };
    case "words":
      return { ...base, values: data.values, width: data.width };
    case "plain":
      return { ...base, values: data.offsets, bytes: data.bytes };
    case "dictionary":
      return { ...base, values: data.codes, dictionary: data.dictionary };
  }
}

export interface ColumnOrigin {
  readonly dtype: DType;
  /** For codes that come without a dictionary: the one that they index. */
  readonly dictionary?: Dictionary | null;
  readonly statistics?: ColumnStatistics | null;
}

export function fromNative(native: NativeColumn, origin: ColumnOrigin): Column {
  return {
    dtype: origin.dtype,
    length: native.length,
    nullCount: native.nullCount,
    validity: native.nullCount === 0 ? null : native.validity,
    data: dataOf(native, origin),
    statistics: origin.statistics ?? null,
  };
}

/** A result whose rows are rows of `source`, or nulls: dtype, dictionary and bounds stay. */
export function fromRowsOf(native: NativeColumn, source: Column): Column {
  return fromNative(native, {
    dtype: source.dtype,
    dictionary: source.data.encoding === "dictionary" ? source.data.dictionary : null,
    statistics: boundsOf(source.statistics),
  });
}

/** What still holds when rows are reordered, repeated or left out. */
export function boundsOf(statistics: ColumnStatistics | null): ColumnStatistics | null {
  if (statistics === null || statistics.sorted === undefined) return statistics;
  const { sorted: _, ...bounds } = statistics;
  return bounds;
}

function dataOf(native: NativeColumn, origin: ColumnOrigin): ColumnData {
  const { values } = native;
  if (origin.dtype.kind === "string") return stringData(native, origin);
  switch (native.storage) {
    case STORAGE.bool:
      return { encoding: "bits", values: values as Uint8Array };
    case STORAGE.i128:
      return { encoding: "words", values: values as Uint32Array, width: DECIMAL_WORDS };
    case STORAGE.words:
      assert(native.width !== undefined, "words without a width");
      return { encoding: "words", values: values as Uint32Array, width: native.width };
    default:
      return { encoding: "fixed", values: values as FixedArray };
  }
}

function stringData(native: NativeColumn, origin: ColumnOrigin): ColumnData {
  if (native.storage === STORAGE.plain) {
    assert(native.bytes !== undefined, "plain strings without bytes");
    return { encoding: "plain", offsets: native.values as Int32Array, bytes: native.bytes };
  }
  const codes = native.values as Uint32Array;
  if (native.dictionary !== undefined) {
    const { offsets, bytes } = native.dictionary;
    return { encoding: "dictionary", codes, dictionary: new Dictionary(offsets, bytes) };
  }
  assert(origin.dictionary != null, "codes without a dictionary");
  return { encoding: "dictionary", codes, dictionary: origin.dictionary };
}
