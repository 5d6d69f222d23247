// Columns between host memory (Arrow layout) and device memory (u32 words).

import { at, NotSupportedError } from "../../base/index.ts";
import { dictionaryEncode } from "../../codegen/index.ts";
import {
  allocateFixed,
  type Batch,
  bitmapBytes,
  type Column,
  countBits,
} from "../../column/index.ts";
import { dtypeName } from "../../dtype/index.ts";
import type { DeviceBuffer } from "./buffer_pool.ts";
import type { GpuContext } from "./context.ts";
import type { Recording } from "./recording.ts";
import {
  type GpuColumn,
  type GpuResident,
  releaseColumn,
  residentOf,
  storageBits,
  storageBytes,
} from "./resident.ts";

/**
 * Copies a batch to the device. Plain strings are dictionary-encoded on the way.
 * @throws MemoryBudgetError where a column exceeds what a binding holds, or the batch what the budget holds.
 */
export async function uploadBatch(context: GpuContext, batch: Batch): Promise<GpuResident> {
  const columns: GpuColumn[] = [];
  try {
    const recording = context.record();
    for (const column of batch.columns) columns.push(uploadColumn(context, recording, column));
    await recording.submit();
    await context.device.settle(context.since ?? 0);
  } catch (error) {
    for (const column of columns) releaseColumn(context.pool, column);
    throw error;
  }
  return residentOf(batch.rowCount, columns);
}

function uploadColumn(context: GpuContext, recording: Recording, column: Column): GpuColumn {
  const { dtype, length, statistics } = column;
  const { pool } = context;
  const { data, dictionary, bits, isWords } = deviceLayout(column);
  const values = pool.acquire(storageBytes(bits, length));
  let validity: DeviceBuffer | null = null;
  try {
    if (column.validity !== null && column.nullCount > 0) {
      validity = pool.acquire(storageBytes(1, length));
      recording.write(validity, 0, column.validity.subarray(0, bitmapBytes(length)));
    }
  } catch (error) {
    pool.release(values);
    throw error;
  }
  recording.write(values, 0, data);
  const nullCount = validity === null ? 0 : column.nullCount;
  return { dtype, values, validity, nullCount, dictionary, statistics, bits, isWords };
}

type DeviceLayout = Pick<GpuColumn, "dictionary" | "bits" | "isWords"> & {
  readonly data: ArrayBufferView;
};

function deviceLayout(column: Column): DeviceLayout {
  const { dtype, data, length } = column;
  const bits = storageBits(dtype);
  switch (data.encoding) {
    case "fixed":
      return { data: data.values.subarray(0, length), dictionary: null, bits, isWords: false };
    case "bits":
      return {
        data: data.values.subarray(0, bitmapBytes(length)),
        dictionary: null,
        bits,
        isWords: false,
      };
    case "dictionary":
      return {
        data: data.codes.subarray(0, length),
        dictionary: data.dictionary,
        bits,
        isWords: false,
      };
    case "plain": {
      const { codes, dictionary } = dictionaryEncode(
        data.offsets.subarray(0, length + 1),
        data.bytes,
      );
      return { data: codes, dictionary, bits, isWords: false };
    }
    case "words": {
      const words = data.values.subarray(0, length * data.width);
      return { data: words, dictionary: null, bits: 32 * data.width, isWords: true };
    }
  }
}

/** Copies a partition back, all columns in one round trip. */
export async function downloadResident(context: GpuContext, resident: GpuResident): Promise<Batch> {
  const { rowCount } = resident;
  const recording = context.record();
  const reads = resident.columns.map((column) => ({
    values: recording.read(column.values, 0, storageBytes(column.bits, rowCount)),
    validity: column.validity && recording.read(column.validity, 0, storageBytes(1, rowCount)),
  }));
  await recording.submit();
  const columns: Column[] = [];
  for (const [index, read] of reads.entries()) {
    const validity = read.validity && new Uint8Array(await read.validity, 0, bitmapBytes(rowCount));
    columns.push(hostColumn(at(resident.columns, index), rowCount, await read.values, validity));
  }
  return { rowCount, columns };
}

function hostColumn(
  column: GpuColumn,
  length: number,
  values: ArrayBuffer,
  bitmap: Uint8Array | null,
): Column {
  const { dtype, statistics } = column;
  const nullCount = bitmap === null ? 0 : length - countBits(bitmap, length);
  const validity = nullCount === 0 ? null : bitmap;
  return { dtype, length, nullCount, validity, statistics, data: hostData(column, length, values) };
}

function hostData(column: GpuColumn, length: number, values: ArrayBuffer): Column["data"] {
  const { dtype, dictionary, isWords, bits } = column;
  if (isWords) return { encoding: "words", values: new Uint32Array(values), width: bits / 32 };
  switch (dtype.kind) {
    case "bool":
      return { encoding: "bits", values: new Uint8Array(values, 0, bitmapBytes(length)) };
    case "string":
      if (dictionary === null) break;
      return { encoding: "dictionary", codes: new Uint32Array(values), dictionary };
    case "decimal":
      return { encoding: "words", values: new Uint32Array(values), width: 4 };
    default: {
      const { constructor } = allocateFixed(dtype, 0) as { constructor: unknown };
      const FixedArray = constructor as new (
        buffer: ArrayBuffer,
        at: number,
        n: number,
      ) => Int32Array;
      return { encoding: "fixed", values: new FixedArray(values, 0, length) };
    }
  }
  throw new NotSupportedError(
    `a ${dtypeName(dtype)} column without a dictionary cannot be read back`,
  );
}
