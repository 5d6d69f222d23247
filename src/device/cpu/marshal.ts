// Columns to and from the addon's form. Nothing is copied: both sides see the same memory. Large results come as blocks,
// and go to the next call as blocks, so that no ArrayBuffer is ever made for what no code of JavaScript reads.

import { assert, at } from "../../base/index.ts";
import { STORAGE, storageOf } from "../../codegen/index.ts";
import {
  Block,
  BlockView,
  bitmapBytes,
  type Column,
  type ColumnStatistics,
  columnOf,
  type DataParts,
  DECIMAL_WORDS,
  Dictionary,
  type FixedArray,
  isVisible,
  partsOf,
  type Span,
  type TypedArray,
} from "../../column/index.ts";
import type { DType } from "../../dtype/index.ts";
import type { NativeAddon, NativeColumn, NativeHandle, NativeSpan } from "./native_addon.ts";

export function toNative(column: Column): NativeColumn {
  const { length, nullCount, validity, data } = partsOf(column);
  const storage = storageOf(column);
  const base = { storage, length, nullCount, validity: validity && toNativeSpan(validity) };
  switch (data.encoding) {
    case "fixed":
    case "bits":
      return { ...base, values: toNativeSpan(data.values) };
    case "words":
      return { ...base, values: toNativeSpan(data.values), width: data.width };
    case "plain":
      return { ...base, values: toNativeSpan(data.offsets), bytes: toNativeSpan(data.bytes) };
    case "dictionary":
      return { ...base, values: toNativeSpan(data.codes), dictionary: data.dictionary };
  }
}

export function toNativeSpan(span: Span): NativeSpan {
  if (isVisible(span)) return span;
  const { block, byteOffset, byteLength } = span;
  if (block.isShown) return span.array;
  if (byteOffset === 0 && byteLength === block.byteLength) return block.handle as NativeHandle;
  return { block: block.handle as NativeHandle, offset: byteOffset, byteLength };
}

/**
 * The blocks that the calls of one operation make. They live at least until it ends; then those that no resident holds
 * are freed.
 */
export class BlockScope {
  readonly #native: NativeAddon;
  readonly #blocks: Block[] = [];
  #isOpen = true;

  constructor(native: NativeAddon) {
    this.#native = native;
  }

  /** The results of calls that outlive the operation, whose failure was reported already, are freed at once. */
  add(handle: NativeHandle, byteLength: number): Block {
    const block = new Block(this.#native, handle, byteLength);
    block.hold();
    if (this.#isOpen) this.#blocks.push(block);
    else block.letGo();
    return block;
  }

  close(): void {
    this.#isOpen = false;
    for (const block of this.#blocks) block.letGo();
    this.#blocks.length = 0;
  }
}

/** Who has the blocks of results: an operation, or whoever holds them next (the addon's results are nobody's yet). */
export type BlockOwner = BlockScope | NativeAddon;

function newBlock(owner: BlockOwner, handle: NativeHandle, byteLength: number): Block {
  return owner instanceof BlockScope
    ? owner.add(handle, byteLength)
    : new Block(owner, handle, byteLength);
}

export interface ColumnOrigin {
  readonly dtype: DType;
  /** For codes that come without a dictionary: the one that they index. */
  readonly dictionary?: Dictionary | null;
  readonly statistics?: ColumnStatistics | null;
}

export function fromNative(owner: BlockOwner, native: NativeColumn, origin: ColumnOrigin): Column {
  const { validity, length, nullCount } = native;
  const data = dataOf(owner, native, origin);
  return columnOf({
    dtype: origin.dtype,
    length,
    nullCount,
    validity: validity === null || nullCount === 0 ? null : bitmapOf(owner, validity, length),
    data,
    statistics: origin.statistics ?? null,
  });
}

/** A result whose rows are rows of `source`, or nulls: dtype, dictionary and bounds stay. */
export function fromRowsOf(owner: BlockOwner, native: NativeColumn, source: Column): Column {
  return fromNative(owner, native, {
    dtype: source.dtype,
    dictionary: source.data.encoding === "dictionary" ? source.data.dictionary : null,
    statistics: boundsOf(source.statistics),
  });
}

export function bitmapOf(owner: BlockOwner, span: NativeSpan, bits: number): Span<Uint8Array> {
  return spanOf(owner, span, Uint8Array, bitmapBytes(bits));
}

/** What still holds when rows are reordered, repeated or left out. */
export function boundsOf(statistics: ColumnStatistics | null): ColumnStatistics | null {
  if (statistics === null || statistics.sorted === undefined) return statistics;
  const { sorted: _, ...bounds } = statistics;
  return bounds;
}

/** A result of the addon: a typed array, or a block with so many elements. */
function spanOf<V extends TypedArray>(
  owner: BlockOwner,
  span: NativeSpan,
  type: BlockView<V>["type"],
  length: number,
): Span<V> {
  if (ArrayBuffer.isView(span)) return span as V;
  assert(!("block" in span), "results are whole blocks");
  const block = newBlock(owner, span, length * type.BYTES_PER_ELEMENT);
  return new BlockView(block, type, 0, length);
}

/** By storage: bool to f64. */
const FIXED_TYPES: readonly BlockView<FixedArray>["type"][] = [
  Uint8Array,
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
];

function dataOf(owner: BlockOwner, native: NativeColumn, origin: ColumnOrigin): DataParts {
  const { values, storage, length, width } = native;
  if (origin.dtype.kind === "string") return stringData(owner, native, origin);
  const words = (width: number) => ({
    encoding: "words" as const,
    values: spanOf(owner, values, Uint32Array, length * width),
    width,
  });
  switch (storage) {
    case STORAGE.bool:
      return { encoding: "bits", values: bitmapOf(owner, values, length) };
    case STORAGE.i128:
      return words(DECIMAL_WORDS);
    case STORAGE.words:
      assert(width !== undefined, "words without a width");
      return words(width);
    default: {
      const type = at(FIXED_TYPES, storage);
      return { encoding: "fixed", values: spanOf<FixedArray>(owner, values, type, length) };
    }
  }
}

function stringData(owner: BlockOwner, native: NativeColumn, origin: ColumnOrigin): DataParts {
  const { values, length, bytes, byteLength } = native;
  if (native.storage === STORAGE.plain) {
    assert(bytes !== undefined && byteLength !== undefined, "plain strings without bytes");
    return {
      encoding: "plain",
      offsets: spanOf(owner, values, Int32Array, length + 1),
      bytes: spanOf(owner, bytes, Uint8Array, byteLength),
    };
  }
  const codes = spanOf(owner, values, Uint32Array, length);
  if (native.dictionary !== undefined) {
    const { offsets, bytes } = native.dictionary;
    return { encoding: "dictionary", codes, dictionary: new Dictionary(offsets, bytes) };
  }
  assert(origin.dictionary != null, "codes without a dictionary");
  return { encoding: "dictionary", codes, dictionary: origin.dictionary };
}
