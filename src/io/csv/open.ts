// readCsv's first half: opens the files, reads a sample, and decides names and dtypes. No data is kept.

import { randomUUID } from "node:crypto";
import { at, InvalidArgumentError, ParseError, turnIfOver } from "../../base/index.ts";
import { type DType, type Field, Schema, STRING } from "../../dtype/index.ts";
import { CR, LF } from "./dialect.ts";
import { faultHint, faultReason } from "./fault.ts";
import { headerNames } from "./header.ts";
import { type FileIdentity, identityOf } from "./identity.ts";
import { joinDTypes } from "./infer.ts";
import { type Compression, compressionOf, fileBytes, readHead, resolvePaths } from "./input.ts";
import { type CsvReadOptions, type CsvSettings, csvSettings } from "./options.ts";
import { type CsvRecord, isBlank, scanRecords } from "./records.ts";
import { type CsvSampleRequest, type CsvSampler, sampleRecords } from "./sample.ts";
import { type CsvFile, type CsvSource, csvParseError } from "./source.ts";

const OTHER_FILES_SAMPLE_BYTES = 64 * 1024;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

interface Sample {
  readonly path: string;
  readonly compression: Compression;
  readonly byteLength: number;
  readonly identity: FileIdentity;
  /** Decompressed, as far as the sample tells. */
  readonly contentBytes: number;
  readonly names: readonly string[];
  readonly dataOffset: number;
  readonly newline: number;
  /** By position; null where the sample has no value. */
  readonly dtypes: readonly (DType | null)[];
  readonly recordBytes: number;
}

/**
 * Opens CSV files: a path, a glob or a list of them, all with the same columns. `sampler`: a faster one.
 * @throws FileError, ParseError, InvalidArgumentError, ColumnNotFoundError, NotSupportedError.
 */
export async function openCsv(
  paths: string | readonly string[],
  options: CsvReadOptions = {},
  sampler: CsvSampler = sampleRecords,
): Promise<CsvSource> {
  const resolved = await resolvePaths(paths);
  const tabs = resolved.every((path) => /\.tsv(\.gz|\.zst)?$/i.test(path));
  const settings = csvSettings(options, tabs ? "\t" : ",");
  const samples: Sample[] = [];
  for (const [index, path] of resolved.entries()) {
    samples.push(
      await sampleFile(
        path,
        settings,
        index === 0 ? settings.sampleBytes : OTHER_FILES_SAMPLE_BYTES,
        sampler,
      ),
    );
  }
  const schema = sourceSchema(samples, settings);
  return {
    id: randomUUID(),
    paths: resolved,
    files: samples.map((sample) => fileOf(sample, schema)),
    schema,
    typed: new Set(settings.schema.keys()),
    settings,
    estimatedRows: samples.reduce(
      (rows, sample) => rows + Math.ceil(sample.contentBytes / sample.recordBytes),
      0,
    ),
  };
}

function fileOf(sample: Sample, schema: Schema): CsvFile {
  const positions = new Map(sample.names.map((name, index) => [name, index]));
  return {
    path: sample.path,
    compression: sample.compression,
    byteLength: sample.byteLength,
    identity: sample.identity,
    dataOffset: sample.dataOffset,
    newline: sample.newline,
    fieldCount: sample.names.length,
    positions: schema.names.map((name) => positions.get(name) as number),
  };
}

function sourceSchema(samples: readonly Sample[], settings: CsvSettings): Schema {
  const first = at(samples, 0);
  for (const other of samples.slice(1)) requireSameNames(first, other);
  const dtypes = new Map<string, DType | null>(
    first.names.map((name, index) => [name, first.dtypes[index] ?? null]),
  );
  for (const sample of samples.slice(1)) {
    for (const [index, name] of sample.names.entries()) {
      dtypes.set(name, joinDTypes(dtypes.get(name) ?? null, sample.dtypes[index] ?? null));
    }
  }
  const all = new Schema(
    first.names.map(
      (name): Field => ({ name, dtype: settings.schema.get(name) ?? dtypes.get(name) ?? STRING }),
    ),
  );
  for (const name of settings.schema.keys()) all.indexOf(name, "readCsv");
  if (settings.columns === null) return all;
  return new Schema(settings.columns.map((name) => all.field(all.indexOf(name, "readCsv"))));
}

function requireSameNames(first: Sample, other: Sample): void {
  const names = new Set(first.names);
  const added = other.names.filter((name) => !names.delete(name));
  if (added.length === 0 && names.size === 0) return;
  const list = (items: Iterable<string>) =>
    [...items]
      .slice(0, 5)
      .map((name) => JSON.stringify(name))
      .join(", ");
  const differences = [
    names.size > 0 ? `lacks ${list(names)}` : "",
    added.length > 0 ? `has ${list(added)} besides` : "",
  ];
  throw new ParseError(
    `${other.path} has other columns than ${first.path}: it ${differences.filter((text) => text !== "").join(" and ")}`,
    {
      operator: "readCsv",
      path: other.path,
      line: 1,
      hint: "Read the files one by one and concat them.",
    },
  );
}

async function sampleFile(
  path: string,
  settings: CsvSettings,
  sampleBytes: number,
  sampler: CsvSampler,
): Promise<Sample> {
  const byteLength = await fileBytes(path);
  const compression = await compressionOf(path);
  const identity = await identityOf(path, byteLength);
  // A sample must hold the header and a record; one of 10^5 columns is longer than most samples. Where neither may be
  // longer than maxRecordBytes, twice as many bytes hold both, or show that one is too long.
  const enough = 2 * settings.maxRecordBytes + sampleBytes;
  for (let size = sampleBytes; ; size = size < enough ? Math.min(4 * size, enough) : 4 * size) {
    const { bytes, whole, packedRatio } = await readHead(path, compression, size);
    const sample = await readSample(path, bytes, whole, settings, sampler);
    const contentBytes = byteLength / packedRatio;
    if (sample !== null)
      return { ...sample, path, compression, byteLength, identity, contentBytes };
  }
}

type Extent = Pick<CsvSampleRequest, "begin" | "newline" | "whole">;
type SampleContent = Omit<
  Sample,
  "path" | "compression" | "byteLength" | "identity" | "contentBytes"
>;

/** Null if the bytes do not reach to the end of the first record after the header. */
async function readSample(
  path: string,
  bytes: Uint8Array,
  whole: boolean,
  settings: CsvSettings,
  sampler: CsvSampler,
): Promise<SampleContent | null> {
  const begin = skipLines(bytes, afterByteOrderMark(bytes), settings.skipRows);
  if (begin === null && !whole) return null;
  const newline = newlineOf(bytes);
  const start = begin ?? bytes.length;
  // The search for a byte is a hundred times as fast as the scan.
  const lineLength = bytes.subarray(start).indexOf(newline);
  if (lineLength < 0 && !whole && bytes[start] !== settings.dialect.comment) {
    if (bytes.length - start <= settings.maxRecordBytes) return null;
    throw tooLong(path, bytes, start, newline, settings.maxRecordBytes);
  }
  const first = firstRecord(path, bytes, { begin: start, newline, whole }, settings);
  await turnIfOver();
  if (first === null) {
    if (!whole) return null;
    const names = typeof settings.header === "boolean" ? null : settings.header;
    if (names === null) throw emptyFile(path);
    return { names, dataOffset: start, newline, dtypes: [], recordBytes: 1 };
  }
  const names = namesOf(path, bytes, first, settings);
  await turnIfOver();
  const hasHeader = settings.header === true;
  const behindHeader = Math.min(first.end + 1, bytes.length);
  const sampled = await sampler({
    bytes,
    begin: hasHeader ? behindHeader : first.begin,
    newline,
    whole,
    fieldCount: names.length,
    settings,
  });
  const records = sampled.records + (hasHeader ? 1 : 0);
  if (!whole && !sampled.stuck && records < 2) return null;
  const end = sampled.records === 0 ? behindHeader : sampled.end;
  return {
    names,
    dataOffset: hasHeader ? behindHeader : start,
    newline,
    dtypes: sampled.dtypes,
    recordBytes: Math.max(1, (end - start) / records),
  };
}

/** The header, or the first record of data; null if the bytes do not reach to its end. */
function firstRecord(
  path: string,
  bytes: Uint8Array,
  { begin, newline, whole }: Extent,
  { dialect, maxRecordBytes }: CsvSettings,
): CsvRecord | null {
  for (const record of scanRecords(bytes, begin, bytes.length, newline, dialect, maxRecordBytes)) {
    if (record.end - record.begin > maxRecordBytes) {
      throw tooLong(path, bytes, record.begin, newline, maxRecordBytes);
    }
    if (record.openQuote >= 0 && whole) {
      const fault = { kind: "openQuote" } as const;
      throw csvParseError(
        path,
        placeIn(bytes, record.openQuote, newline),
        faultReason(fault, ""),
        faultHint(fault),
      );
    }
    if (record.openQuote >= 0 || (!record.terminated && !whole)) return null;
    if (!isBlank(record)) return record;
  }
  return null;
}

function namesOf(
  path: string,
  bytes: Uint8Array,
  first: CsvRecord,
  settings: CsvSettings,
): readonly string[] {
  if (settings.header === true) return headerNames(path, bytes, first, settings.dialect);
  const count = first.ends.length;
  if (settings.header === false) return first.ends.map((_, index) => `column_${index + 1}`);
  if (settings.header.length !== count) {
    throw new InvalidArgumentError(
      `header names ${settings.header.length} columns, and the first record of ${path} has ${count} fields`,
      {
        operator: "readCsv",
        path,
        hint: "Name every column; choose the ones to read with `columns`.",
      },
    );
  }
  return settings.header;
}

function afterByteOrderMark(bytes: Uint8Array): number {
  return BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? BYTE_ORDER_MARK.length : 0;
}

/** The byte after `count` physical lines; null if there are not so many. */
function skipLines(bytes: Uint8Array, begin: number, count: number): number | null {
  const newline = newlineOf(bytes);
  let at = begin;
  for (let line = 0; line < count; line++) {
    const end = bytes.indexOf(newline, at);
    if (end < 0) return null;
    at = end + 1;
  }
  return at;
}

function newlineOf(bytes: Uint8Array): number {
  return bytes.includes(LF) || !bytes.includes(CR) ? LF : CR;
}

function placeIn(
  bytes: Uint8Array,
  offset: number,
  newline: number,
): { line: number; byteOffset: number } {
  let line = 1;
  for (let at = 0; at < offset; at++) if (bytes[at] === newline) line += 1;
  return { line, byteOffset: offset };
}

function tooLong(
  path: string,
  bytes: Uint8Array,
  begin: number,
  newline: number,
  limit: number,
): ParseError {
  const fault = { kind: "recordBytes", limit } as const;
  const place = placeIn(bytes, begin, newline);
  return csvParseError(path, place, faultReason(fault, ""), faultHint(fault));
}

function emptyFile(path: string): ParseError {
  return new ParseError(`${path} is empty: it has no header`, {
    operator: "readCsv",
    path,
    line: 1,
    byteOffset: 0,
    hint: "Name the columns with `header` if a file without rows is right.",
  });
}
