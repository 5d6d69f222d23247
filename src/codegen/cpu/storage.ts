// How the addon numbers physical storage. The numbers are those of `Storage` in native/core/column.h.

import type { Column } from "../../column/index.ts";
import type { DType } from "../../dtype/index.ts";

export const STORAGE = {
  bool: 0,
  i8: 1,
  u8: 2,
  i16: 3,
  u16: 4,
  i32: 5,
  u32: 6,
  i64: 7,
  u64: 8,
  f32: 9,
  f64: 10,
  words: 11,
  dictionary: 12,
  plain: 13,
  i128: 14,
} as const;
export type StorageNumber = (typeof STORAGE)[keyof typeof STORAGE];

export function storageOf(column: Column): StorageNumber {
  switch (column.data.encoding) {
    case "bits":
      return STORAGE.bool;
    case "dictionary":
      return STORAGE.dictionary;
    case "plain":
      return STORAGE.plain;
    case "words":
      return column.dtype.kind === "decimal" ? STORAGE.i128 : STORAGE.words;
    case "fixed":
      return fixedStorage(column.dtype);
  }
}

/** The storage of a dtype whose values have a fixed width; bool included. */
export function fixedStorage(dtype: DType): StorageNumber {
  switch (dtype.kind) {
    case "bool":
      return STORAGE.bool;
    case "int8":
      return STORAGE.i8;
    case "uint8":
      return STORAGE.u8;
    case "int16":
      return STORAGE.i16;
    case "uint16":
      return STORAGE.u16;
    case "int32":
    case "date":
      return STORAGE.i32;
    case "uint32":
      return STORAGE.u32;
    case "int64":
    case "timestamp":
    case "duration":
      return STORAGE.i64;
    case "uint64":
      return STORAGE.u64;
    case "float32":
      return STORAGE.f32;
    case "float64":
      return STORAGE.f64;
    case "decimal":
      return STORAGE.i128;
    case "string":
      return STORAGE.u32;
  }
}
