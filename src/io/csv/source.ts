// A CSV source: files that were opened once, with what reading them needs to know. Plain data; the reader of an executor
// takes it with a request and gives a CsvResult.

import { randomUUID } from "node:crypto";
import { at, InvalidArgumentError, ParseError } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import { type DType, type Field, Schema } from "../../dtype/index.ts";
import type { FileIdentity } from "./identity.ts";
import type { CsvSettings } from "./options.ts";

export interface CsvFile {
  readonly path: string;
  readonly compression: "none" | "gzip" | "zstd";
  /** Bytes on disk, when the source was opened; a file that is shorter by the time it is read is an error. */
  readonly byteLength: number;
  /** What it was then: a file with other bytes is an error too. */
  readonly identity: FileIdentity;
  /** First byte of the data, after the header; in the decompressed bytes. */
  readonly dataOffset: number;
  /** LF or CR. */
  readonly newline: number;
  readonly fieldCount: number;
  /** For each column of the source's schema, the position of its field in this file. */
  readonly positions: readonly number[];
}

export interface CsvSource {
  /** Unique in the process; a source with a promoted schema has a new one. */
  readonly id: string;
  readonly paths: readonly string[];
  readonly files: readonly CsvFile[];
  /** The columns to read, in order. */
  readonly schema: Schema;
  /** Names of the columns whose dtype the user gave: what does not parse there is an error. */
  readonly typed: ReadonlySet<string>;
  readonly settings: CsvSettings;
  /** From the sample: bytes of the content divided by the bytes of a record. */
  readonly estimatedRows: number;
}

/** Bytes [begin, end) of a file's content, cut at starts of records; an `end` behind the content means all of it. */
export interface CsvRange {
  readonly file: number;
  readonly begin: number;
  readonly end: number;
}

export interface CsvRequest {
  /** Names from the source's schema, in the order of the result. */
  readonly columns: readonly string[];
  /** At most so many rows, besides the source's own limit. */
  readonly limit?: number | null;
  /** From CsvSplits. Default: everything. */
  readonly ranges?: readonly CsvRange[];
  /** Of compressed files, by number, what has been decompressed. Default: readers decompress them whole, into memory. */
  readonly contents?: ReadonlyMap<number, CsvContent>;
  /** Of files, by number, a line that is known: a reader need not count those before it once more. */
  readonly lines?: ReadonlyMap<number, CsvLine>;
  /** Whoever reads stops soon after it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** The decompressed content of a file, or as much of it as there is yet: in memory, or in a file of the engine's own. */
export interface CsvContent {
  readonly bytes: Uint8Array | null;
  readonly path: string | null;
  readonly byteLength: number;
  /** What a reader checks before it believes the bytes of its ranges. */
  readonly checks?: CsvChecks | null;
}

/** The line, from 1 on, in which a byte of a file's content lies. */
export interface CsvLine {
  readonly byteOffset: number;
  readonly line: number;
}

/** CRC-32 of blocks of a content's bytes, one after the other; the last one may end with the content. */
export interface CsvChecks {
  /** Where the first one begins. */
  readonly begin: number;
  readonly blockBytes: number;
  readonly crcs: Uint32Array;
}

export interface CsvCutRequest {
  readonly file: number;
  /** The start of a record. */
  readonly begin: number;
  /** Ascending, behind `begin`. */
  readonly positions: readonly number[];
  /** Of a compressed file; holds the last position. */
  readonly content?: CsvContent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * For each position a start of a record at or before it, the last one or one near it; Infinity where a record before it
 * is too long to be one, so that whoever reads there meets the fault. Reads from `begin` to the last position.
 */
export type CsvCutter = (source: CsvSource, request: CsvCutRequest) => Promise<readonly number[]>;

/** A line, or a field of it, that was not read. */
export interface CsvReject {
  readonly path: string;
  /** One-based. */
  readonly line: number;
  readonly byteOffset: number;
  /** Null where the record as a whole is at fault. */
  readonly column: string | null;
  /** The field or record as it stands in the file, cut after 1,024 bytes. */
  readonly text: string;
  readonly reason: string;
}

/** An inferred column that holds what its dtype does not. */
export interface CsvConflict {
  readonly column: string;
  /** What all of its fields fit. */
  readonly dtype: DType;
  readonly path: string;
  /** Of the first such field. */
  readonly line: number;
  readonly byteOffset: number;
}

export type CsvResult =
  | {
      readonly kind: "rows";
      readonly batch: Batch;
      /** The first MAX_REJECTS of them. */
      readonly rejects: readonly CsvReject[];
      readonly rejectCount: number;
    }
  /** The sample was wrong: read again with promoteSchema(source, conflicts). */
  | { readonly kind: "conflicts"; readonly conflicts: readonly CsvConflict[] };

export const MAX_REJECTS = 10_000;
export const MAX_REJECT_TEXT = 1024;

/** The source with the dtypes that the conflicts ask for. */
export function promoteSchema(source: CsvSource, conflicts: readonly CsvConflict[]): CsvSource {
  const promoted = new Map(conflicts.map((conflict) => [conflict.column, conflict.dtype]));
  const fields = source.schema.fields.map(
    (field): Field => ({ name: field.name, dtype: promoted.get(field.name) ?? field.dtype }),
  );
  return { ...source, id: randomUUID(), schema: new Schema(fields) };
}

/** The limit that holds for a request: the smaller one of the source's and its own; null for none. */
export function effectiveLimit(source: CsvSource, request: CsvRequest): number | null {
  const own = request.limit ?? null;
  const limit = source.settings.limit;
  return own === null || limit === null ? (own ?? limit) : Math.min(own, limit);
}

/** The ranges of a request; by default each file as a whole. */
export function requestedRanges(source: CsvSource, request: CsvRequest): CsvRange[] {
  if (request.ranges === undefined)
    return [...source.files.keys()].map((index) => wholeFile(source, index));
  for (const { file } of request.ranges) {
    if (source.files[file] === undefined)
      throw new InvalidArgumentError(`the source has no file ${file}`);
  }
  return [...request.ranges];
}

/** How long a compressed file's content is, only reading it says: its range is open at the end. */
export function wholeFile(source: CsvSource, index: number): CsvRange {
  const { dataOffset, compression, byteLength } = at(source.files, index);
  return {
    file: index,
    begin: dataOffset,
    end: compression === "none" ? byteLength : Number.MAX_SAFE_INTEGER,
  };
}

/** A ParseError of one place in a file, in the words that all readers use. */
export function csvParseError(
  path: string,
  place: { line: number; byteOffset: number; column?: string | null },
  reason: string,
  hint: string,
): ParseError {
  const column = place.column == null ? "" : `, column ${JSON.stringify(place.column)}`;
  return new ParseError(
    `${path}, line ${place.line}${column}, byte ${place.byteOffset}: ${reason}`,
    {
      operator: "readCsv",
      path,
      line: place.line,
      byteOffset: place.byteOffset,
      ...(place.column == null ? {} : { column: place.column }),
      hint,
    },
  );
}
