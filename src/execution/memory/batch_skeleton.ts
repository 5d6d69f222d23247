// A batch without its buffers: what stays in memory while they are on disk. Buffers that the caller owns stay in it as
// they are, since they would not go away.

import { at } from "../../base/index.ts";
import {
  type Batch,
  Block,
  BlockView,
  bitmapBytes,
  type Column,
  columnOf,
  type DataParts,
  type Dictionary,
  type FixedArray,
  isVisible,
  type MemoryIdentity,
  memoryOf,
  partsOf,
  type Span,
  shownSpan,
  subspan,
  type TypedArray,
} from "../../column/index.ts";
import { isForeign } from "./buffer_ledger.ts";

/** What a buffer is read back into. */
export type SpillPart = Uint8Array<ArrayBuffer> | Block;

/** A buffer that stayed, or where it stands among those that went to disk and as what typed array. */
type Slot<V extends TypedArray> =
  | { readonly kept: Span<V> }
  | { readonly part: number; readonly like: BlockView<V>["type"] };

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
  readonly buffers: readonly Span[];
  readonly dictionaries: readonly Dictionary[];
}

export function dissect(batch: Batch): Dissection {
  const buffers: Span[] = [];
  const places = new Map<string, number>();
  const numbers = new Map<MemoryIdentity, number>();
  const slot = <V extends TypedArray>(span: Span<V>, base = 0): Slot<V> => {
    if (isForeign(span)) return { kept: span };
    const memory = memoryOf(span);
    const number = numbers.get(memory) ?? numbers.size;
    numbers.set(memory, number);
    const key = `${number} ${span.byteOffset} ${span.byteLength} ${base}`;
    const part = places.get(key) ?? buffers.push(span) - 1;
    places.set(key, part);
    return { part, like: typeOf(span) };
  };
  const dictionaries: Dictionary[] = [];
  const dictionaryOf = (dictionary: Dictionary) => {
    const known = dictionaries.indexOf(dictionary);
    return known >= 0 ? known : dictionaries.push(dictionary) - 1;
  };
  const columns = batch.columns.map((column): ColumnSkeleton => {
    const parts = partsOf(column);
    const { length, validity } = parts;
    return {
      ...parts,
      validity: validity === null ? null : slot(subspan(validity, 0, bitmapBytes(length))),
      data: dissectData(parts.data, length, slot, dictionaryOf),
    };
  });
  return { skeleton: { rowCount: batch.rowCount, columns }, buffers, dictionaries };
}

function typeOf<V extends TypedArray>(span: Span<V>): BlockView<V>["type"] {
  return span instanceof BlockView ? span.type : (span.constructor as BlockView<V>["type"]);
}

function dissectData(
  data: DataParts,
  length: number,
  slot: <V extends TypedArray>(span: Span<V>, base?: number) => Slot<V>,
  dictionaryOf: (dictionary: Dictionary) => number,
): DataSkeleton {
  switch (data.encoding) {
    case "fixed":
      return { encoding: "fixed", values: slot(subspan(data.values, 0, length)) };
    case "bits":
      return { encoding: "bits", values: slot(subspan(data.values, 0, bitmapBytes(length))) };
    case "words": {
      const { width } = data;
      return { encoding: "words", values: slot(subspan(data.values, 0, length * width)), width };
    }
    case "dictionary":
      return {
        encoding: "dictionary",
        codes: slot(subspan(data.codes, 0, length)),
        dictionary: dictionaryOf(data.dictionary),
      };
    case "plain": {
      const all = subspan(data.offsets, 0, length + 1);
      // Offsets of a block are not looked at: results of the addon begin with the first byte and have no others.
      if (!isVisible(all))
        return { encoding: "plain", offsets: slot(all), bytes: slot(data.bytes), base: 0 };
      const offsets = shownSpan(all);
      const own = isForeign(data.bytes) || isForeign(offsets) ? 0 : (offsets[0] ?? 0);
      const bytes = subspan(data.bytes, own, offsets[length] ?? 0);
      return { encoding: "plain", offsets: slot(offsets, own), bytes: slot(bytes), base: own };
    }
  }
}

/** Which of the buffers that were written a column has, and which dictionary. */
export function slotsOf({ validity, data }: ColumnSkeleton): {
  readonly parts: readonly number[];
  readonly dictionary: number | null;
} {
  const slots = [validity, ...dataSlots(data)];
  return {
    parts: slots.flatMap((slot) => (slot === null || "kept" in slot ? [] : [slot.part])),
    dictionary: data.encoding === "dictionary" ? data.dictionary : null,
  };
}

function dataSlots(data: DataSkeleton): readonly Slot<TypedArray>[] {
  switch (data.encoding) {
    case "fixed":
    case "bits":
    case "words":
      return [data.values];
    case "dictionary":
      return [data.codes];
    case "plain":
      return [data.offsets, data.bytes];
  }
}

export function assemble(
  { rowCount, columns }: BatchSkeleton,
  parts: readonly SpillPart[],
  dictionaries: readonly Dictionary[],
): Batch {
  const rebased = new Set<Int32Array>();
  const views = new Map<string, Span>();
  const fill = <V extends TypedArray>(slot: Slot<V>): Span<V> => {
    if ("kept" in slot) return slot.kept;
    // One object for one range, as it was.
    const key = `${slot.part} ${slot.like.name}`;
    const known = views.get(key) as Span<V> | undefined;
    const view = known ?? viewOf(at(parts, slot.part), slot.like);
    views.set(key, view);
    return view;
  };
  return {
    rowCount,
    columns: columns.map((column) =>
      columnOf({
        ...column,
        validity: column.validity === null ? null : fill(column.validity),
        data: assembleData(column.data, fill, dictionaries, rebased),
      }),
    ),
  };
}

function viewOf<V extends TypedArray>(part: SpillPart, type: BlockView<V>["type"]): Span<V> {
  if (!(part instanceof Block)) return new type(part.buffer);
  return new BlockView(part, type, 0, part.byteLength / type.BYTES_PER_ELEMENT);
}

function assembleData(
  data: DataSkeleton,
  fill: <V extends TypedArray>(slot: Slot<V>) => Span<V>,
  dictionaries: readonly Dictionary[],
  rebased: Set<Int32Array>,
): DataParts {
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
      const filled = fill(data.offsets);
      const bytes = fill(data.bytes);
      if (data.base === 0) return { encoding: "plain", offsets: filled, bytes };
      const offsets = shownSpan(filled);
      if (!rebased.has(offsets)) {
        rebased.add(offsets);
        for (let row = 0; row < offsets.length; row++) {
          offsets[row] = (offsets[row] ?? 0) - data.base;
        }
      }
      return { encoding: "plain", offsets, bytes };
    }
  }
}
