// A partition in the memory of one GPU.
//
// Everything is u32 words:
//   lane storage   dtypes                                    words of a column of n rows
//   1 bit          bool, validity                            ceil(n / 32)       bit i & 31 of word i >> 5
//   8, 16 bits     int8 uint8 int16 uint16                   ceil(n / 4), ceil(n / 2)   low bits first
//   32 bits        int32 uint32 float32 date, string codes   n
//   64 bits        int64 uint64 float64 timestamp duration   2 n                low word first: vec2<u32>
//   w words        aggregate states (`words` encoding)       w n
// Bits and bytes beyond row n in the last word are unspecified. Strings are always dictionary codes; the dictionary
// stays in host memory. The value under a null is unspecified, except that a code is below the dictionary's size or 0.

import { assertNever } from "../../base/index.ts";
import type { ColumnStatistics, Dictionary } from "../../column/index.ts";
import type { DType } from "../../dtype/index.ts";
import type { Resident } from "../executor.ts";
import type { BufferPool, DeviceBuffer } from "./buffer_pool.ts";

export interface GpuColumn {
  readonly dtype: DType;
  readonly values: DeviceBuffer;
  /** Null: no nulls. */
  readonly validity: DeviceBuffer | null;
  /** Null: not counted yet (the validity bitmap says). 0 exactly when there is no bitmap. */
  readonly nullCount: number | null;
  /** Strings only. */
  readonly dictionary: Dictionary | null;
  readonly statistics: ColumnStatistics | null;
  /** Bits of one value; a multiple of 32 for `words` columns. */
  readonly bits: number;
  /** True for `words` columns (aggregate states): `bits` is 32 * width whatever the dtype. */
  readonly isWords: boolean;
}

export interface GpuResident extends Resident {
  readonly columns: readonly GpuColumn[];
}

/** Bits of one value in device memory. */
export function storageBits(dtype: DType): number {
  switch (dtype.kind) {
    case "bool":
      return 1;
    case "int8":
    case "uint8":
      return 8;
    case "int16":
    case "uint16":
      return 16;
    case "int32":
    case "uint32":
    case "float32":
    case "date":
    case "string":
      return 32;
    case "int64":
    case "uint64":
    case "float64":
    case "timestamp":
    case "duration":
      return 64;
    case "decimal":
      return 128;
    default:
      return assertNever(dtype);
  }
}

/** Bytes of `rowCount` values, rounded up to words. */
export function storageBytes(bits: number, rowCount: number): number {
  return Math.ceil((rowCount * bits) / 32) * 4;
}

export function residentOf(rowCount: number, columns: readonly GpuColumn[]): GpuResident {
  const buffers = new Map<number, number>();
  for (const { values, validity } of columns) {
    buffers.set(values.id, values.capacity);
    if (validity) buffers.set(validity.id, validity.capacity);
  }
  let byteLength = 0;
  for (const capacity of buffers.values()) byteLength += capacity;
  return { rowCount, dtypes: columns.map(({ dtype }) => dtype), byteLength, columns };
}

/** Bytes of the values and validity of so many rows, without what buffers have room for beyond them. */
export function columnBytes({ bits, validity }: GpuColumn, rowCount: number): number {
  return storageBytes(bits, rowCount) + (validity ? storageBytes(1, rowCount) : 0);
}

export function releaseColumn(pool: BufferPool, column: GpuColumn): void {
  pool.release(column.values);
  pool.release(column.validity);
}
