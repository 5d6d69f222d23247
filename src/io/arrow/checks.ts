// What kernels follow without a look is looked at where it enters: buffers as long as the rows need, offsets that rise
// within their bytes, texts that are UTF-8, codes of entries that exist, decimals of as many digits as their dtype has.
// A damaged file, or a table made by hand, is a ParseError here and no read of other memory later. What lies under a null
// is unspecified in Arrow: codes, texts and decimals there may be anything.

import { isAscii, isUtf8 } from "node:buffer";
import { type Data, Type } from "apache-arrow";
import { at, NotSupportedError, ParseError, type Steps } from "../../base/index.ts";
import { bitmapBytes, type FixedArray, getBit } from "../../column/index.ts";
import { type DType, powerOfTen } from "../../dtype/index.ts";

/** Where the checked rows are, for errors. */
export interface ColumnPlace {
  readonly name: string;
  /** Of the rows that are checked, the first one's number in the table. */
  readonly firstRow: number;
  /** The rows are entries of the column's dictionary. */
  readonly isDictionary?: boolean;
}

/** Rows between two steps: some 50 microseconds. */
const ROWS_A_STEP = 32_768;

/** Arrow's typed arrays and bytes start at the data's offset, bitmaps at bit `offset` of theirs. */
export function checkLengths(data: Data, length: number, place: ColumnPlace): void {
  const bits = bitmapBytes(data.offset + length);
  const bitmap: Uint8Array | undefined = data.nullBitmap;
  if (data.length < length) throw tooShort("column", data.length, length, place);
  if (bitmap !== undefined && bitmap.length > 0 && data.typeId !== Type.Null) {
    if (bitmap.length < bits) throw tooShort("validity bitmap", bitmap.length, bits, place);
  }
  const [needed, found] = lengthsOfValues(data, length);
  if (found < needed) throw tooShort("buffer", found, needed, place);
}

/** Elements that the rows need, and that there are. Texts are bounded by their offsets. */
function lengthsOfValues(data: Data, length: number): readonly [number, number] {
  const found = (buffer: ArrayLike<unknown> | undefined) => buffer?.length ?? 0;
  switch (data.typeId) {
    case Type.Null:
      return [0, 0];
    case Type.Bool:
      return [bitmapBytes(data.offset + length), found(data.values)];
    case Type.Decimal:
      return [4 * length, found(data.values)];
    case Type.Utf8:
    case Type.LargeUtf8:
      return [length === 0 ? 0 : length + 1, found(data.valueOffsets)];
    default:
      return [length, found(data.values)];
  }
}

/** The offsets of `length` texts, as 32-bit numbers: they rise from row to row and end within the bytes. */
export function* checkedOffsets(data: Data, length: number, place: ColumnPlace): Steps<Int32Array> {
  if (length === 0) return new Int32Array(1);
  const source = data.valueOffsets as Int32Array | BigInt64Array;
  const room = (data.values as Uint8Array | undefined)?.length ?? 0;
  const isWide = !(source instanceof Int32Array);
  if (isWide && room > 0x7fff_ffff && Number(source[length]) > 0x7fff_ffff) {
    throw new NotSupportedError("an Arrow column with more than 2 GiB of text in one batch", {
      operator: "fromArrow",
      column: place.name,
      hint: "Cut the table into smaller record batches.",
    });
  }
  const offsets = isWide ? yield* narrowed(source, length) : source.subarray(0, length + 1);
  if (at(offsets, 0) < 0) throw damagedText(0, at(offsets, 0), at(offsets, 1), room, place);
  for (let begin = 0; begin < length; begin += ROWS_A_STEP) {
    const row = firstFall(offsets, begin, Math.min(length, begin + ROWS_A_STEP), room);
    if (row >= 0) throw damagedText(row, at(offsets, row), at(offsets, row + 1), room, place);
    yield;
  }
  return offsets;
}

function* narrowed(source: BigInt64Array, length: number): Steps<Int32Array> {
  const offsets = new Int32Array(length + 1);
  for (let begin = 0; begin <= length; begin += ROWS_A_STEP) {
    const end = Math.min(length + 1, begin + ROWS_A_STEP);
    for (let row = begin; row < end; row++) offsets[row] = offsetOf(source[row] as bigint);
    yield;
  }
  return offsets;
}

/** An offset that 32 bits do not hold is behind all bytes: it counts as falling. */
function offsetOf(offset: bigint): number {
  return offset >= 0n && offset <= 0x7fff_ffffn ? Number(offset) : -1;
}

/** The first row in [begin, end) whose text ends before it begins or behind the bytes; -1: none. */
function firstFall(offsets: Int32Array, begin: number, end: number, room: number): number {
  let last = offsets[begin] as number;
  for (let row = begin; row < end; row++) {
    const next = offsets[row + 1] as number;
    if (next < last || next > room) return row;
    last = next;
  }
  return -1;
}

function damagedText(
  row: number,
  begin: number,
  end: number,
  room: number,
  place: ColumnPlace,
): ParseError {
  const what = `is damaged: its text is bytes ${begin} to ${end} of ${room}`;
  return damaged(row, what, place);
}

/** Texts that are not null are UTF-8, each by itself. */
export function* checkTexts(
  offsets: Int32Array,
  bytes: Uint8Array,
  validity: Uint8Array | null,
  place: ColumnPlace,
): Steps<void> {
  const length = offsets.length - 1;
  for (let begin = 0; begin < length; begin += ROWS_A_STEP) {
    const end = Math.min(length, begin + ROWS_A_STEP);
    if (!isRunOfTexts(offsets, bytes, begin, end)) {
      for (let row = begin; row < end; row++) {
        if (validity !== null && !getBit(validity, row)) continue;
        if (isUtf8(bytes.subarray(offsets[row], offsets[row + 1]))) continue;
        throw damaged(row, "is no valid UTF-8", place);
      }
    }
    yield;
  }
}

/** Whether the texts are UTF-8 as one run, and none begins inside of a character. */
function isRunOfTexts(offsets: Int32Array, bytes: Uint8Array, begin: number, end: number): boolean {
  const run = bytes.subarray(offsets[begin], offsets[end]);
  if (isAscii(run)) return true;
  if (!isUtf8(run)) return false;
  const limit = at(offsets, end);
  for (let row = begin; row < end; row++) {
    const offset = offsets[row] as number;
    if (offset < limit && ((bytes[offset] as number) & 0xc0) === 0x80) return false;
  }
  return true;
}

/** Codes of rows that are not null are below the dictionary's size. */
export function* checkCodes(
  codes: FixedArray,
  length: number,
  size: number,
  validity: Uint8Array | null,
  place: ColumnPlace,
): Steps<void> {
  for (let begin = 0; begin < length; begin += ROWS_A_STEP) {
    const end = Math.min(length, begin + ROWS_A_STEP);
    for (let row = firstNoEntry(codes, begin, end, size); row < end; ) {
      if (validity === null || getBit(validity, row)) {
        const what = `is damaged: it is entry ${codes[row]} of a dictionary of ${size}`;
        throw damaged(row, what, place);
      }
      row = firstNoEntry(codes, row + 1, end, size);
    }
    yield;
  }
}

/** The first row in [begin, end) whose code is no entry's; `end`: none. */
function firstNoEntry(codes: FixedArray, begin: number, end: number, size: number): number {
  if (codes instanceof Int32Array) {
    for (let row = begin; row < end; row++) {
      if ((codes[row] as number) >>> 0 >= size) return row;
    }
    return end;
  }
  for (let row = begin; row < end; row++) {
    const code = Number(codes[row]);
    if (code < 0 || code >= size) return row;
  }
  return end;
}

/** Decimals that are not null have at most the digits of their dtype. */
export function* checkDecimals(
  words: Uint32Array,
  dtype: DType,
  validity: Uint8Array | null,
  place: ColumnPlace,
): Steps<void> {
  if (dtype.kind !== "decimal") throw new Error(`${dtype.kind} has no digits`);
  const limit = powerOfTen(dtype.precision);
  const limits = [0n, 32n, 64n, 96n].map((shift) => Number((limit >> shift) & 0xffff_ffffn));
  for (let row = 0; row * 4 < words.length; row++) {
    if (!isBelow(words, 4 * row, limits) && (validity === null || getBit(validity, row))) {
      throw damaged(row, `has more than ${dtype.precision} digits`, place);
    }
    if (row % ROWS_A_STEP === 0) yield;
  }
}

/** Whether the magnitude of the number at `begin` is below the limit, both four words, the lowest first. */
function isBelow(words: Uint32Array, begin: number, limit: readonly number[]): boolean {
  const isNegative = (words[begin + 3] as number) >= 0x8000_0000;
  let carry = isNegative ? 1 : 0;
  let isLess = false;
  for (let word = 0; word < 4; word++) {
    let magnitude = words[begin + word] as number;
    if (isNegative) {
      const inverse = (~magnitude >>> 0) + carry;
      carry = inverse > 0xffff_ffff ? 1 : 0;
      magnitude = inverse >>> 0;
    }
    const most = limit[word] as number;
    if (magnitude !== most) isLess = magnitude < most;
  }
  return isLess;
}

function tooShort(what: string, found: number, needed: number, { name }: ColumnPlace): ParseError {
  return new ParseError(
    `Arrow column ${JSON.stringify(name)} is damaged: its ${what} has length ${found}, its rows need ${needed}`,
    { operator: "fromArrow", column: name, hint: HINT },
  );
}

function damaged(row: number, what: string, place: ColumnPlace): ParseError {
  const { name, firstRow, isDictionary = false } = place;
  const where = isDictionary ? "entry" : "row";
  return new ParseError(
    `${where} ${firstRow + row} of ${isDictionary ? "the dictionary of " : ""}Arrow column ${JSON.stringify(name)} ${what}`,
    {
      operator: "fromArrow",
      column: name,
      ...(isDictionary ? {} : { row: firstRow + row }),
      hint: HINT,
    },
  );
}

const HINT =
  "It breaks Arrow's format: write it again, or look closer with pyarrow's table.validate(full=True).";
