// One column of host memory in Arrow layout. Immutable by convention: nobody writes into a buffer that a Column
// holds. The value under a null is unspecified and never read.
//
//   fixed       values[i]                                     one typed array element a row
//   bits        bit i of values                               bool
//   dictionary  codes[i] -> entry of the dictionary           string whose values repeat
//   plain       bytes[offsets[i] .. offsets[i + 1])           string whose values do not
//   words       values[i * width .. (i + 1) * width)          aggregate states and 128-bit values, u32 little-endian
//
// The encoding is a physical property: two columns with the same values under different encodings are equal.

import type { DType } from "../dtype/index.ts";
import { getBit } from "./bitmap.ts";
import type { TypedArray } from "./block.ts";
import type { Dictionary } from "./dictionary.ts";
import type { ColumnStatistics } from "./statistics.ts";

export type FixedArray = TypedArray;

export type ColumnData =
  | { readonly encoding: "fixed"; readonly values: FixedArray }
  | { readonly encoding: "bits"; readonly values: Uint8Array }
  | {
      readonly encoding: "dictionary";
      readonly codes: Uint32Array;
      readonly dictionary: Dictionary;
    }
  | { readonly encoding: "plain"; readonly offsets: Int32Array; readonly bytes: Uint8Array }
  | { readonly encoding: "words"; readonly values: Uint32Array; readonly width: number };

export interface Column {
  readonly dtype: DType;
  readonly length: number;
  readonly nullCount: number;
  /** LSB-first, bit 0 is row 0, at least ceil(length / 8) bytes; null when there are no nulls. */
  readonly validity: Uint8Array | null;
  readonly data: ColumnData;
  /** Bounds, never promises of tightness. Null when nobody has gathered them. */
  readonly statistics: ColumnStatistics | null;
}

export function isValid(column: Column, row: number): boolean {
  return column.validity === null || getBit(column.validity, row);
}

/** The typed array that holds the fixed-width values of `dtype`. */
export function allocateFixed(dtype: DType, length: number): FixedArray {
  switch (dtype.kind) {
    case "int8":
      return new Int8Array(length);
    case "int16":
      return new Int16Array(length);
    case "int32":
    case "date":
      return new Int32Array(length);
    case "uint8":
      return new Uint8Array(length);
    case "uint16":
      return new Uint16Array(length);
    case "uint32":
      return new Uint32Array(length);
    case "uint64":
      return new BigUint64Array(length);
    case "float32":
      return new Float32Array(length);
    case "float64":
      return new Float64Array(length);
    case "int64":
    case "timestamp":
    case "duration":
      return new BigInt64Array(length);
    default:
      throw new Error(`${dtype.kind} has no fixed-width layout`);
  }
}
