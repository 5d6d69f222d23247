// What the addon exports, as its modules register it. Every kernel returns a promise and never blocks the event loop.
// Arguments and results are plain objects; the C++ side of each is the file named beside it.

import type { CpuProgram, StorageNumber } from "../../codegen/index.ts";
import type { BlockMemory, TypedArray } from "../../column/index.ts";
import type { CsvChecks } from "../../io/index.ts";
import type { CaseTables } from "../../text/index.ts";

/** A block, native/core/block.h. Opaque. */
export interface NativeHandle {
  readonly [BLOCK]: never;
}
declare const BLOCK: unique symbol;

/** Memory that a call reads or gives; it gives typed arrays and whole blocks. */
export type NativeSpan =
  | TypedArray
  | NativeHandle
  | { readonly block: NativeHandle; readonly offset: number; readonly byteLength: number };

/** native/core/convert.h */
export interface NativeColumn {
  readonly storage: StorageNumber;
  readonly length: number;
  readonly nullCount: number;
  readonly validity: NativeSpan | null;
  readonly values: NativeSpan;
  readonly bytes?: NativeSpan;
  /** Of `bytes`, in results. */
  readonly byteLength?: number;
  readonly width?: number;
  readonly dictionary?: NativeDictionary;
}
export interface NativeDictionary {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** native/kernels/join/bind.cc */
export interface NativeJoin {
  readonly how: string;
  readonly leftKeys: Int32Array;
  readonly rightKeys: Int32Array;
  readonly nullEquals: boolean;
  readonly buildRight: boolean;
  readonly leftOutputs: Int32Array;
  readonly rightOutputs: Int32Array;
  /** More pairs are an error with the code JOIN_ROWS and their number as `row`. */
  readonly mostRows: number;
}

/** native/kernels/aggregate/plan_napi.cc, where the numbers of each row are listed. */
export interface NativeAggregate {
  readonly phase: number;
  readonly dropNullKeys: boolean;
  readonly keys: Int32Array;
  readonly monoids: Int32Array;
  readonly calls: Int32Array;
  /** Three numbers a step of the calls that have steps, call by call: operation, operands. */
  readonly steps: Int32Array;
  /** One a call that has one. */
  readonly quantiles: Float64Array;
  readonly bounds: NativeBounds;
}
/**
 * Statistics: three numbers a column, and two for its range. The numbers are what is known, by bits (1: the range, 2: the
 * exponents, 4: no value is special), lowExponent and highExponent.
 */
export interface NativeBounds {
  readonly numbers: Int32Array;
  readonly ranges: BigInt64Array;
}

/** native/kernels/group_rows/bind.cc */
export interface NativeGroupRows {
  readonly keys: readonly number[];
  /** Three numbers a key, as sort has them. */
  readonly order: Int32Array;
  readonly count: number;
  readonly last: boolean;
  readonly dropNullKeys: boolean;
  readonly bounds: NativeBounds;
}

/** native/kernels/exchange/bind.cc */
export interface NativeExchange {
  readonly parts: number;
  /** By splitters, which are the first rows of the key columns; otherwise by hash. */
  readonly isRange: boolean;
  readonly splitters: number;
  readonly seed: number;
  readonly spreadNulls: boolean;
  /** Hash: columns. Range: three numbers a key, as sort has them, of key columns. */
  readonly keys: Int32Array;
}

/** native/core/column_lists.cc; `kept` is the memory that the views read. */
export type NativeColumns =
  | readonly NativeColumn[]
  | { readonly views: NativeHandle; readonly kept: readonly NativeColumn[][] };
/** Few columns, or a list that they are taken from. */
export type NativeResults = readonly NativeColumn[] | NativeHandle;

export interface NativeRows {
  readonly columns: NativeResults;
  readonly rowCount: number;
}

/** native/kernels/csv/read_napi.cc */
export interface NativeCsvOptions {
  /** Bytes; -1: none. */
  readonly dialect: {
    readonly delimiter: number;
    readonly quote: number;
    readonly escape: number;
    readonly comment: number;
  };
  readonly files: readonly {
    readonly path: string;
    /** Null: read from the path. */
    readonly bytes: Uint8Array | null;
    readonly byteLength: number;
    readonly newline: number;
    readonly fieldCount: number;
    readonly checks: CsvChecks | null;
    /** The line of a byte: those of others are counted from there. */
    readonly knownOffset: number;
    readonly knownLine: number;
  }[];
  readonly ranges: readonly NativeCsvRange[];
  /** Four numbers a column: type, digits of its unit, precision, 1 for typed; and where it is in each of the files. */
  readonly columns: { readonly numbers: Int32Array; readonly positions: Uint32Array };
  readonly nullValues: readonly Uint8Array[];
  readonly onError: number;
  readonly limit: number;
  readonly maxRecordBytes: number;
  readonly chunkBytes: number;
}
export interface NativeCsvRange {
  readonly file: number;
  readonly begin: number;
  readonly end: number;
}
export interface NativeCsvFault {
  readonly kind: number;
  readonly file: number;
  /** -1: the record. */
  readonly column: number;
  readonly found: number;
  readonly byteOffset: number;
  readonly line: number;
  readonly text: Uint8Array;
}
export interface NativeCsvConflict {
  readonly column: number;
  readonly file: number;
  readonly kinds: number;
  readonly byteOffset: number;
  readonly line: number;
}
export interface NativeCsvResult {
  readonly rowCount: number;
  readonly columns: NativeResults;
  /** The ranges of floats are their bits. */
  readonly statistics: NativeBounds;
  readonly fatal: NativeCsvFault | null;
  readonly rejects: readonly NativeCsvFault[];
  readonly rejectCount: number;
  readonly conflicts: readonly NativeCsvConflict[];
}

/** A compiled pattern (src/text/regex). `next` null: it has no automaton, and its program runs. */
export interface NativeRegex {
  readonly pages: Uint16Array;
  readonly classes: Uint16Array;
  readonly classCount: number;
  readonly next: Uint16Array | null;
  readonly acceptsAtEnd: Uint8Array | null;
  readonly startState: number;
  readonly code: Int32Array;
  readonly startInstruction: number;
  readonly slotCount: number;
  readonly contexts: Uint8Array;
  /** By class: 1 where a match may begin with it. */
  readonly begins: Uint8Array;
  /** members[set * classCount + class] */
  readonly members: Uint8Array;
}

/** What `kind`, `numbers` and `texts` are: Function in native/kernels/text/text.h. */
export interface NativeTextFunction {
  readonly kind: number;
  readonly numbers: Int32Array;
  readonly texts: NativeDictionary;
  readonly regex: NativeRegex | null;
  readonly cases: CaseTables | null;
}

/** How calls run, native/core/run.h: on how many threads, and whether they were cancelled. Opaque. */
export interface NativeRun {
  readonly [RUN]: never;
}
declare const RUN: unique symbol;

export interface NativeAddon extends BlockMemory {
  supportedIsas(): string[];
  isaName(): string;
  hardwareThreads(): number;
  /** CRC-32: native/core/checksum.cc */
  checksum(bytes: Uint8Array, before: number): Promise<number>;
  /** native/core/directories.cc */
  removeAtEnd(paths: readonly string[]): void;
  /** native/core/hole.cc */
  freeRange(path: string, begin: number, end: number): Promise<boolean>;
  /** native/core/trim.cc */
  trimMemory(): Promise<void>;
  /**
   * Bytes of freed memory that may wait to be used again from now on, in the whole process: of large buffers, and in malloc.
   * Where more do, settles when they are gone.
   */
  limitFreeMemory(pages: number, retained: number | null): Promise<void> | undefined;

  /** Memory that the caller fills before anybody reads it: native/core/block.cc. */
  newBlock(byteLength: number): NativeHandle;

  /** native/core/column_lists.cc */
  newViews(): NativeHandle;
  addViews(views: NativeHandle, columns: NativeColumn[]): void;
  takeColumns(list: NativeHandle, count: number): NativeColumn[];
  freeColumns(list: NativeHandle): void;

  newRun(threads: number): NativeRun;
  /** Calls that have it reject soon with code CANCELLED; those that still wait in the queue never begin. */
  cancelRun(run: NativeRun): void;
  /** For tests: from now on the n-th look at any cancellation finds its call cancelled; 0: none. */
  cancelAtCheck(check: number): void;
  /**
   * For tests: of the addon's allocations from now on, `count` fail from the n-th on; 0: none. Gives how many have failed
   * since the last call.
   */
  failAllocations(first: number, count: number): number;
  /** Calls that wait or run, and the bytes of all results, those of blocks and of living ArrayBuffers. */
  usage(): { readonly jobs: number; readonly bufferBytes: number };

  csvRead(options: NativeCsvOptions, run: NativeRun): Promise<NativeCsvResult>;
  /** Three numbers a column: FieldType, digits of a timestamp's unit, 1 for a zone. */
  csvFormat(
    columns: NativeColumns,
    types: Int32Array,
    begin: number,
    end: number,
    format: { readonly delimiter: number; readonly nullValue: string },
    run: NativeRun,
  ): Promise<Uint8Array[]>;
  /** Of the options' only range. `kinds`: TextKind of all texts of a column. */
  csvSample(
    options: NativeCsvOptions,
    whole: boolean,
    run: NativeRun,
  ): Promise<{ readonly records: number; readonly end: number; readonly kinds: Uint8Array }>;
  /** In the options' only range. -1: nothing behind it can be cut. */
  csvCuts(
    options: NativeCsvOptions,
    positions: Float64Array,
    run: NativeRun,
  ): Promise<Float64Array>;

  evaluate(
    columns: NativeColumns,
    rowCount: number,
    program: CpuProgram,
    run: NativeRun,
  ): Promise<NativeRows>;
  /**
   * Sorts the first `outputs` columns; the others are only keys. Three numbers a key: column, 1 for descending, 1 for
   * nulls first. `limit` -1: all rows.
   */
  sort(
    columns: NativeColumns,
    outputs: number,
    rowCount: number,
    keys: Int32Array,
    limit: number,
    run: NativeRun,
  ): Promise<NativeRows>;
  join(
    left: NativeColumns,
    leftRows: number,
    right: NativeColumns,
    rightRows: number,
    join: NativeJoin,
    run: NativeRun,
  ): Promise<NativeRows & { readonly sharesLeft: boolean }>;
  /** Keys, then one column a call (phase partial: a state column a monoid). */
  aggregate(
    columns: NativeColumns,
    rowCount: number,
    plan: NativeAggregate,
    run: NativeRun,
  ): Promise<NativeRows>;
  /** Gives the first `outputs` columns; the others are only keys. */
  groupRows(
    columns: NativeColumns,
    outputs: number,
    rowCount: number,
    request: NativeGroupRows,
    run: NativeRun,
  ): Promise<NativeRows>;
  /** One result a part. Deals out the first `outputs` columns. */
  exchange(
    columns: NativeColumns,
    keyColumns: NativeColumns,
    outputs: number,
    rowCount: number,
    request: NativeExchange,
    run: NativeRun,
  ): Promise<NativeRows[]>;
  /** Low and high of each column. */
  exponentRange(columns: NativeColumns, run: NativeRun): Promise<Int32Array>;
  /** Rows by number; every number is below the columns' length. */
  gatherRows(columns: NativeColumns, rows: NativeSpan, run: NativeRun): Promise<NativeResults>;
  /** One column from its parts. `remaps`: for dictionary parts of different dictionaries, the new code of every code. */
  concat(parts: NativeColumn[], remaps: Uint32Array[], run: NativeRun): Promise<NativeColumn>;
  /** Rows [offset, offset + length) of bitmaps: the columns that cannot share memory. */
  sliceBitmaps(
    bitmaps: NativeSpan[],
    offset: number,
    length: number,
    run: NativeRun,
  ): Promise<{ bits: NativeSpan; ones: number }[]>;

  /** native/kernels/dictionary/bind.cc; the contract of each is `DictionaryOperations` in codegen/strings. */
  matchEntries(
    dictionary: NativeDictionary,
    predicate: number,
    pattern: Uint8Array,
    run: NativeRun,
  ): Promise<Uint32Array>;
  rankEntries(dictionary: NativeDictionary, run: NativeRun): Promise<Uint32Array>;
  unifyDictionaries(
    dictionaries: NativeDictionary[],
    run: NativeRun,
  ): Promise<{ dictionary: NativeDictionary | null; remaps: Uint32Array[] }>;
  findEntries(
    dictionary: NativeDictionary,
    texts: NativeDictionary,
    run: NativeRun,
  ): Promise<Int32Array>;
  /** native/kernels/text/bind.cc; contracts as above. */
  matchTextRegex(
    dictionary: NativeDictionary,
    regex: NativeRegex,
    run: NativeRun,
  ): Promise<Uint32Array>;
  textLengths(dictionary: NativeDictionary, inBytes: boolean, run: NativeRun): Promise<Uint32Array>;
  mapTexts(
    dictionary: NativeDictionary,
    apply: NativeTextFunction,
    run: NativeRun,
  ): Promise<{ readonly codes: NativeColumn; readonly exists: Uint32Array | null }>;
  /** `kind` and `fractionDigits` as for formatValues. */
  parseEntries(
    dictionary: NativeDictionary,
    storage: StorageNumber,
    kind: number,
    fractionDigits: number,
    radix: number,
    run: NativeRun,
  ): Promise<{ readonly words: Uint32Array; readonly fits: Uint32Array }>;
  /** Plain to dictionary, codes in order of first appearance. Under nulls the code is 0. */
  encodePlain(column: NativeColumn, run: NativeRun): Promise<NativeColumn>;
  /** The texts of two columns of one length, one after the other, as encodePlain gives them. Under a null, any text. */
  concatTexts(a: NativeColumn, b: NativeColumn, run: NativeRun): Promise<NativeColumn>;
  /** The text of every value, as encodePlain gives it. */
  formatValues(
    column: NativeColumn,
    kind: number,
    fractionDigits: number,
    /** UTF-8; empty: the text form of the CSV writer. */
    pattern: Uint8Array,
    run: NativeRun,
  ): Promise<NativeColumn>;
}
