// Columns whose memory may be in blocks. A Column always shows arrays: here is how to read, slice and count it without.

import type { Batch } from "./batch.ts";
import { type Block, isVisible, type Span, shownSpan, type TypedArray } from "./block.ts";
import type { Column, ColumnData, FixedArray } from "./column.ts";
import type { Dictionary } from "./dictionary.ts";

export type DataParts =
  | { readonly encoding: "fixed"; readonly values: Span<FixedArray> }
  | { readonly encoding: "bits"; readonly values: Span<Uint8Array> }
  | {
      readonly encoding: "dictionary";
      readonly codes: Span<Uint32Array>;
      readonly dictionary: Dictionary;
    }
  | {
      readonly encoding: "plain";
      readonly offsets: Span<Int32Array>;
      readonly bytes: Span<Uint8Array>;
    }
  | { readonly encoding: "words"; readonly values: Span<Uint32Array>; readonly width: number };

export type ColumnParts = Omit<Column, "validity" | "data"> & {
  readonly validity: Span<Uint8Array> | null;
  readonly data: DataParts;
};

const partsOfColumn = new WeakMap<Column, ColumnParts>();
const partsOfData = new WeakMap<ColumnData, DataParts>();
const dataOfParts = new WeakMap<DataParts, ColumnData>();

/** The column with its blocks as they are. */
export function partsOf(column: Column): ColumnParts {
  const known = partsOfColumn.get(column);
  if (known !== undefined) return known;
  const data = partsOfData.get(column.data);
  return data === undefined ? column : { ...column, data };
}

/**
 * The column of the parts. What lies in a block is shown when it is first read; a copy by `...` reads all of it, so code
 * that hands blocks on copies the parts.
 */
export function columnOf(parts: ColumnParts): Column {
  const { validity } = parts;
  const data = dataOf(parts.data);
  if (validity === null || isVisible(validity)) return { ...parts, validity, data };
  const { dtype, length, nullCount, statistics } = parts;
  const column: Column = {
    dtype,
    length,
    nullCount,
    get validity() {
      return shownSpan(validity);
    },
    data,
    statistics,
  };
  partsOfColumn.set(column, parts);
  return column;
}

/** One object for the same parts: caches know data by identity. */
function dataOf(parts: DataParts): ColumnData {
  if (spansOfData(parts).every(isVisible)) return parts as ColumnData;
  const known = dataOfParts.get(parts);
  if (known !== undefined) return known;
  const data = lazyData(parts);
  dataOfParts.set(parts, data);
  partsOfData.set(data, parts);
  return data;
}

function lazyData(parts: DataParts): ColumnData {
  switch (parts.encoding) {
    case "fixed":
    case "bits":
    case "words":
      return lazyValues(parts);
    case "dictionary": {
      const { codes, dictionary } = parts;
      return {
        encoding: "dictionary",
        get codes() {
          return shownSpan(codes);
        },
        dictionary,
      };
    }
    case "plain": {
      const { offsets, bytes } = parts;
      return {
        encoding: "plain",
        get offsets() {
          return shownSpan(offsets);
        },
        get bytes() {
          return shownSpan(bytes);
        },
      };
    }
  }
}

/** Encodings whose data is `values`: what else they have stays as it is. */
function lazyValues(parts: Extract<DataParts, { readonly values: Span }>): ColumnData {
  const { values, ...rest } = parts;
  return {
    ...rest,
    get values() {
      return shownSpan<TypedArray>(values);
    },
  } as ColumnData;
}

/** The batch as plain objects with arrays, for whoever never releases it: all of its memory is the collector's. */
export function shownBatch(batch: Batch): Batch {
  if (!batch.columns.some(hasBlocks)) return batch;
  return { rowCount: batch.rowCount, columns: batch.columns.map(shownColumn) };
}

/** As shownBatch. */
export function shownColumn(column: Column): Column {
  return hasBlocks(column) ? { ...column, data: { ...column.data } } : column;
}

function hasBlocks(column: Column): boolean {
  return blocksOf(column).length > 0;
}

/** The blocks that the column lies in, shown ones too. One may come more than once. */
export function blocksOf(column: Column): readonly Block[] {
  const spans: Span[] = [];
  addSpans(column, spans);
  const blocks: Block[] = [];
  for (const span of spans) if (!isVisible(span)) blocks.push(span.block);
  return blocks;
}

/** Every span of the batch, those of dictionaries included. One may come more than once. */
export function batchSpans(batch: Batch): readonly Span[] {
  const spans: Span[] = [];
  for (const column of batch.columns) {
    addSpans(column, spans);
    const { data } = column;
    if (data.encoding === "dictionary") spans.push(data.dictionary.offsets, data.dictionary.bytes);
  }
  return spans;
}

/** Without partsOf(), which would make an object a column: frames have thousands. */
function addSpans(column: Column, spans: Span[]): void {
  const known = partsOfColumn.get(column);
  const { validity } = known ?? column;
  if (validity !== null) spans.push(validity);
  const data = known?.data ?? partsOfData.get(column.data) ?? column.data;
  for (const span of spansOfData(data)) spans.push(span);
}

// An array: frames have thousands of columns, and a generator costs ten times as much.
function spansOfData(data: DataParts): readonly Span[] {
  switch (data.encoding) {
    case "dictionary":
      return [data.codes];
    case "plain":
      return [data.offsets, data.bytes];
    default:
      return [data.values];
  }
}

/** Host memory that a batch holds, each span counted once. */
export function batchBytes(batch: Batch): number {
  const seen = new Set<Span>();
  let bytes = 0;
  for (const span of batchSpans(batch)) {
    if (seen.has(span)) continue;
    seen.add(span);
    bytes += span.byteLength;
  }
  return bytes;
}
