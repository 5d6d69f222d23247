// A batch without its buffers: what stays in memory while they are on disk. Buffers that the caller owns stay in it as
// they are, since they would not go away.

import { at } from "../../base/index.ts";
import {
  type Batch,
  bitmapBytes,
  type Column,
  type ColumnData,
  type Dictionary,
  type FixedArray,
} from "../../column/index.ts";
import { isForeign } from "./buffer_ledger.ts";

type View = FixedArray | Uint8Array | Int32Array | Uint32Array;

/** A buffer that stayed, or where it stands among those that went to disk and as what typed array. */
type Slot<V extends View> =
  | { readonly kept: V }
  | { readonly part: number; readonly like: new (buffer: ArrayBuffer) => V };

type DataSkeleton =
  | { readonly encoding: "fixed"; readonly values: Slot<FixedArray> }
  | { readonly encoding: "bits"; readonly values: Slot<Uint8Array> }
  | { readonly encoding: "words"; readonly values: Slot<Uint32Array>; readonly width: number }
  | {
      readonly encoding: "dictionary";
      readonly codes: Slot<Uint32Array>;
      /** Position among the dictionaries. */
      readonly dictionary: number;
    }
  | {
      readonly encoding: "plain";
      readonly offsets: Slot<Int32Array>;
      readonly bytes: Slot<Uint8Array>;
      /** Where the first text began in the bytes of which only the column's own were written. */
      readonly base: number;
    };

type ColumnSkeleton = Omit<Column, "validity" | "data"> & {
  readonly validity: Slot<Uint8Array> | null;
  readonly data: DataSkeleton;
};

export interface BatchSkeleton {
  readonly rowCount: number;
  readonly columns: readonly ColumnSkeleton[];
}

export interface Dissection {
  readonly skeleton: BatchSkeleton;
  /** What is to be written: each range of memory once. */
  readonly buffers: readonly ArrayBufferView[];
  readonly dictionaries: readonly Dictionary[];
}

export function dissect(batch: Batch): Dissection {
  const buffers: ArrayBufferView[] = [];
  const places = new Map<string, number>();
  const numbers = new Map<ArrayBufferLike, number>();
  const slot = <V extends View>(view: V, base = 0): Slot<V> => {
    if (isForeign(view)) return { kept: view };
    const number = numbers.get(view.buffer) ?? numbers.size;
    numbers.set(view.buffer, number);
    const key = `${number} ${view.byteOffset} ${view.byteLength} ${base}`;
    const part = places.get(key) ?? buffers.push(view) - 1;
    places.set(key, part);
    return { part, like: view.constructor as new (buffer: ArrayBuffer) => V };
  };
  const dictionaries: Dictionary[] = [];
  const dictionaryOf = (dictionary: Dictionary) => {
    const known = dictionaries.indexOf(dictionary);
    return known >= 0 ? known : dictionaries.push(dictionary) - 1;
  };
  const columns = batch.columns.map((column): ColumnSkeleton => {
    const { length, validity } = column;
    return {
      ...column,
      validity: validity === null ? null : slot(validity.subarray(0, bitmapBytes(length))),
      data: dissectData(column, slot, dictionaryOf),
    };
  });
  return { skeleton: { rowCount: batch.rowCount, columns }, buffers, dictionaries };
}

function dissectData(
  { data, length }: Column,
  slot: <V extends View>(view: V, base?: number) => Slot<V>,
  dictionaryOf: (dictionary: Dictionary) => number,
): DataSkeleton {
  switch (data.encoding) {
    case "fixed":
      return { encoding: "fixed", values: slot(data.values.subarray(0, length)) };
    case "bits":
      return { encoding: "bits", values: slot(data.values.subarray(0, bitmapBytes(length))) };
    case "words": {
      const { width } = data;
      return { encoding: "words", values: slot(data.values.subarray(0, length * width)), width };
    }
    case "dictionary":
      return {
        encoding: "dictionary",
        codes: slot(data.codes.subarray(0, length)),
        dictionary: dictionaryOf(data.dictionary),
      };
    case "plain": {
      const offsets = data.offsets.subarray(0, length + 1);
      const own = isForeign(data.bytes) || isForeign(data.offsets) ? 0 : (offsets[0] ?? 0);
      const bytes = data.bytes.subarray(own, offsets[length] ?? 0);
      return { encoding: "plain", offsets: slot(offsets, own), bytes: slot(bytes), base: own };
    }
  }
}

export function assemble(
  { rowCount, columns }: BatchSkeleton,
  parts: readonly Uint8Array<ArrayBuffer>[],
  dictionaries: readonly Dictionary[],
): Batch {
  const rebased = new Set<Int32Array>();
  const views = new Map<string, View>();
  const fill = <V extends View>(slot: Slot<V>): V => {
    if ("kept" in slot) return slot.kept;
    // One object for one range, as it was.
    const key = `${slot.part} ${slot.like.name}`;
    const known = views.get(key) as V | undefined;
    const view = known ?? new slot.like(at(parts, slot.part).buffer);
    views.set(key, view);
    return view;
  };
  return {
    rowCount,
    columns: columns.map((column) => ({
      ...column,
      validity: column.validity === null ? null : fill(column.validity),
      data: assembleData(column.data, fill, dictionaries, rebased),
    })),
  };
}

function assembleData(
  data: DataSkeleton,
  fill: <V extends View>(slot: Slot<V>) => V,
  dictionaries: readonly Dictionary[],
  rebased: Set<Int32Array>,
): ColumnData {
  switch (data.encoding) {
    case "fixed":
      return { encoding: "fixed", values: fill(data.values) };
    case "bits":
      return { encoding: "bits", values: fill(data.values) };
    case "words":
      return { encoding: "words", values: fill(data.values), width: data.width };
    case "dictionary":
      return {
        encoding: "dictionary",
        codes: fill(data.codes),
        dictionary: at(dictionaries, data.dictionary),
      };
    case "plain": {
      const offsets = fill(data.offsets);
      if (data.base > 0 && !rebased.has(offsets)) {
        rebased.add(offsets);
        for (let row = 0; row < offsets.length; row++) {
          offsets[row] = (offsets[row] ?? 0) - data.base;
        }
      }
      return { encoding: "plain", offsets, bytes: fill(data.bytes) };
    }
  }
}
