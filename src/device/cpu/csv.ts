// CSV through the addon: the request becomes plain numbers, and the result columns, rejects or conflicts. What is read
// and how is decided in src/io/csv; the contract is kernels/csv/README.md.

import { at, inSlices, type Steps, turnIfOver } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import { BOOL, DATE, type DType, FLOAT64, INT64, STRING, timestamp } from "../../dtype/index.ts";
import {
  type CsvConflict,
  type CsvContent,
  type CsvCutRequest,
  type CsvFault,
  type CsvFile,
  type CsvLine,
  type CsvReject,
  type CsvRequest,
  type CsvResult,
  type CsvSampler,
  type CsvSettings,
  type CsvSource,
  contentOf,
  csvParseError,
  effectiveLimit,
  faultHint,
  faultReason,
  fileError,
  joinDTypes,
  lostCopy,
  requestedRanges,
  sampleRecords,
  shrunk,
} from "../../io/index.ts";
import { toMemoryError } from "../memory_error.ts";
import { statisticsOf } from "./bounds.ts";
import { freeResults, takenColumns } from "./column_lists.ts";
import { FreeMemory } from "./free_memory.ts";
import { fromNative } from "./marshal.ts";
import type {
  NativeAddon,
  NativeColumn,
  NativeCsvConflict,
  NativeCsvFault,
  NativeCsvOptions,
  NativeCsvResult,
  NativeRun,
} from "./native_addon.ts";
import { withRun } from "./run.ts";

export interface CsvContext {
  readonly native: NativeAddon;
  readonly threads: number;
  /** What one task scans and decodes; the result does not depend on it. */
  readonly chunkBytes?: number;
}

/** Fits the second-level cache together with the positions of its fields. */
const CHUNK_BYTES = 512 * 1024;
const MIN_CHUNK_BYTES = 16 * 1024;
/** A share ends where a chunk does: it may be so much smaller than it was to be. */
const CHUNKS_A_SHARE = 8;
const ON_ERROR = { throw: 0, null: 1, skip: 2 } as const;

/**
 * Reads the requested columns on all threads.
 * @throws ParseError where the file is at fault and `onError` does not take it, FileError, MemoryBudgetError, AbortError.
 */
export async function readCsv(
  source: CsvSource,
  request: CsvRequest,
  context: CsvContext,
): Promise<CsvResult> {
  const { native, chunkBytes } = context;
  const options = await nativeOptions(source, request, chunkBytes ?? CHUNK_BYTES);
  const result = await FreeMemory.of(native).during(() =>
    called(source, request, context, (run) => native.csvRead(options, run)),
  );
  if (result.fatal !== null || result.conflicts.length > 0) freeResults(native, result.columns);
  if (result.fatal !== null) throw toParseError(source, request, result.fatal);
  if (result.conflicts.length > 0) {
    return {
      kind: "conflicts",
      conflicts: result.conflicts.map((found) => toConflict(source, request, found)),
    };
  }
  return {
    kind: "rows",
    batch: await toBatch(native, source, request, result),
    rejects: result.rejects.map((reject) => toReject(source, request, reject)),
    rejectCount: result.rejectCount,
  };
}

/** Where records begin, as CsvCutRequest asks. @throws FileError, MemoryBudgetError, AbortError. */
export async function cutCsv(
  source: CsvSource,
  request: CsvCutRequest,
  context: CsvContext,
): Promise<readonly number[]> {
  const { native } = context;
  const { file, begin, positions, signal, content } = request;
  const end = at(positions, positions.length - 1);
  const share = Math.ceil((end - begin) / positions.length / CHUNKS_A_SHARE);
  const chunkBytes = Math.min(CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, share));
  const contents = new Map(content === undefined ? [] : [[file, content]]);
  const only = { columns: [], ranges: [{ file, begin, end }], contents };
  const options = await nativeOptions(source, only, chunkBytes);
  const cuts = await called(source, { ...only, signal }, context, (run) =>
    native.csvCuts(options, Float64Array.from(positions), run),
  );
  return Array.from(cuts, (cut) => (cut < 0 ? Number.POSITIVE_INFINITY : cut));
}

/** The sampler that `readCsv` of a session takes. */
export function csvSampler({ native, threads }: CsvContext): CsvSampler {
  return async (request) => {
    const { bytes, begin, newline, whole, fieldCount, settings } = request;
    // A record may be too long then: the sampler that knows what is said of it.
    if (bytes.length - begin > settings.maxRecordBytes) return await sampleRecords(request);
    const file = { path: "", bytes, byteLength: bytes.length, newline, fieldCount, checks: null };
    const options: NativeCsvOptions = {
      ...nativeSettings(settings),
      files: [{ ...file, knownOffset: 0, knownLine: 1 }],
      ranges: [{ file: 0, begin, end: bytes.length }],
      columns: { numbers: new Int32Array(0), positions: new Uint32Array(0) },
      limit: -1,
      chunkBytes: CHUNK_BYTES,
    };
    const { records, end, kinds } = await native
      .csvSample(options, whole, native.newRun(threads))
      .catch((error: unknown) => {
        throw toMemoryError(error, { operator: "readCsv", hint: "Give a smaller `sampleBytes`." });
      });
    const dtypes = Array.from(kinds, (kind) => dtypesOf(kind).reduce(joinDTypes, null));
    return { records, end: records === 0 ? begin : end, dtypes, stuck: false };
  };
}

async function nativeOptions(
  source: CsvSource,
  request: CsvRequest,
  chunkBytes: number,
): Promise<NativeCsvOptions> {
  const { settings } = source;
  const ranges = requestedRanges(source, request);
  const files = await nativeFiles(source, request, new Set(ranges.map((range) => range.file)));
  return {
    ...nativeSettings(settings),
    files,
    ranges: ranges.map((range) => ({
      ...range,
      end: Math.min(range.end, at(files, range.file).byteLength),
    })),
    columns: await inSlices(nativeColumns(source, request.columns)),
    limit: effectiveLimit(source, request) ?? -1,
    chunkBytes,
  };
}

function nativeSettings({
  dialect,
  nullValues,
  onError,
  maxRecordBytes,
}: CsvSettings): Pick<NativeCsvOptions, "dialect" | "nullValues" | "onError" | "maxRecordBytes"> {
  const { delimiter, quote, escape, comment } = dialect;
  return {
    dialect: {
      delimiter,
      quote: quote ?? -1,
      escape: escape === quote ? -1 : (escape ?? -1),
      comment: comment ?? -1,
    },
    nullValues,
    onError: ON_ERROR[onError],
    maxRecordBytes,
  };
}

function* nativeColumns(
  { schema, typed, files }: CsvSource,
  names: readonly string[],
): Steps<NativeCsvOptions["columns"]> {
  const numbers = new Int32Array(names.length * 4);
  const positions = new Uint32Array(names.length * files.length);
  for (const [column, name] of names.entries()) {
    const index = schema.indexOf(name, "readCsv");
    const { type, unitDigits, precision } = csvType(schema.field(index).dtype);
    numbers.set([type, unitDigits, precision, typed.has(name) ? 1 : 0], column * 4);
    for (const [number, file] of files.entries()) {
      positions[column * files.length + number] = at(file.positions, index);
    }
    yield;
  }
  return { numbers, positions };
}

const NO_CONTENT: CsvContent = { path: null, bytes: new Uint8Array(0), byteLength: 0 };

const FIRST_LINE: CsvLine = { byteOffset: 0, line: 1 };

/** Files that no range needs are neither opened nor decompressed. */
async function nativeFiles(
  source: CsvSource,
  { contents, lines }: CsvRequest,
  needed: ReadonlySet<number>,
): Promise<NativeCsvOptions["files"]> {
  const files: NativeCsvOptions["files"][number][] = [];
  for (const [index, file] of source.files.entries()) {
    const { newline, fieldCount } = file;
    const content = needed.has(index) ? await contentOf(file, contents?.get(index)) : NO_CONTENT;
    const { bytes, byteLength, checks = null } = content;
    const path = content.path ?? file.path;
    const known = lines?.get(index) ?? FIRST_LINE;
    const place = { knownOffset: known.byteOffset, knownLine: known.line };
    files.push({ path, bytes, byteLength, newline, fieldCount, checks, ...place });
  }
  return files;
}

// The numbers are those of FieldType in native/kernels/csv/options.h.
export function csvType(dtype: DType): { type: number; unitDigits: number; precision: number } {
  const simple = (type: number) => ({ type, unitDigits: 0, precision: 0 });
  switch (dtype.kind) {
    case "bool":
      return simple(0);
    case "int8":
      return simple(1);
    case "uint8":
      return simple(2);
    case "int16":
      return simple(3);
    case "uint16":
      return simple(4);
    case "int32":
      return simple(5);
    case "uint32":
      return simple(6);
    case "int64":
      return simple(7);
    case "uint64":
      return simple(8);
    case "float32":
      return simple(9);
    case "float64":
      return simple(10);
    case "string":
      return simple(11);
    case "date":
      return simple(12);
    case "timestamp":
      return { ...simple(13), unitDigits: { s: 0, ms: 3, us: 6, ns: 9 }[dtype.unit] };
    case "duration":
      return { ...simple(14), unitDigits: { s: 0, ms: 3, us: 6, ns: 9 }[dtype.unit] };
    case "decimal":
      return { type: 15, unitDigits: dtype.scale, precision: dtype.precision };
  }
}

/** Its blocks are nobody's yet: who takes the batch holds them. */
async function toBatch(
  addon: NativeAddon,
  source: CsvSource,
  request: CsvRequest,
  { rowCount, columns, statistics }: NativeCsvResult,
): Promise<Batch> {
  const caller = { native: addon, signal: request.signal };
  const toColumn = (found: NativeColumn, index: number) => {
    const dtype = source.schema.dtypeOf(at(request.columns, index));
    const known =
      dtype === STRING || dtype === BOOL ? null : statisticsOf(statistics, index, dtype);
    return fromNative(addon, found, { dtype, statistics: known });
  };
  const batch = { rowCount, columns: await takenColumns(caller, columns, toColumn) };
  // Whoever takes it has to count its columns.
  await turnIfOver();
  return batch;
}

/** One bit for each kind of text, TextKind of native/kernels/csv/field.h. */
const TEXT_KINDS: readonly DType[] = [BOOL, INT64, FLOAT64, DATE, timestamp("us"), STRING];

function dtypesOf(kinds: number): readonly (DType | null)[] {
  return TEXT_KINDS.filter((_, bit) => (kinds >> bit) & 1);
}

function toConflict(source: CsvSource, request: CsvRequest, found: NativeCsvConflict): CsvConflict {
  const column = at(request.columns, found.column);
  const dtype = dtypesOf(found.kinds).reduce<DType>(
    (joined, kind) => joinDTypes(joined, kind) ?? STRING,
    source.schema.dtypeOf(column),
  );
  const { path } = at(source.files, found.file);
  return { column, dtype, path, line: found.line, byteOffset: found.byteOffset };
}

function toReject(source: CsvSource, request: CsvRequest, found: NativeCsvFault): CsvReject {
  const fault = toFault(source, request, found);
  const text = textOf(found);
  return {
    path: at(source.files, found.file).path,
    line: found.line,
    byteOffset: found.byteOffset,
    column: columnOf(request, found),
    text,
    reason: faultReason(fault, text),
  };
}

function toParseError(source: CsvSource, request: CsvRequest, found: NativeCsvFault): Error {
  const fault = toFault(source, request, found);
  const place = {
    line: found.line,
    byteOffset: found.byteOffset,
    column: columnOf(request, found),
  };
  return csvParseError(
    at(source.files, found.file).path,
    place,
    faultReason(fault, textOf(found)),
    faultHint(fault),
  );
}

const columnOf = (request: CsvRequest, found: NativeCsvFault): string | null =>
  found.column < 0 ? null : at(request.columns, found.column);
const textOf = (found: NativeCsvFault): string => Buffer.from(found.text).toString("utf8");

// The numbers are those of FaultKind in native/kernels/csv/options.h.
function toFault(source: CsvSource, request: CsvRequest, found: NativeCsvFault): CsvFault {
  switch (found.kind) {
    case 0:
      return {
        kind: "fields",
        found: found.found,
        expected: at(source.files, found.file).fieldCount,
      };
    case 1:
      return { kind: "value", dtype: source.schema.dtypeOf(at(request.columns, found.column)) };
    case 2:
      return { kind: "quotes" };
    case 3:
      return { kind: "utf8" };
    case 4:
      return { kind: "openQuote" };
    default:
      return { kind: "recordBytes", limit: source.settings.maxRecordBytes };
  }
}

async function called<T>(
  source: CsvSource,
  { contents, signal }: CsvRequest,
  { native, threads }: CsvContext,
  call: (run: NativeRun) => Promise<T>,
): Promise<T> {
  try {
    return await withRun(native, threads, signal, call);
  } catch (error) {
    const { message, code } = error as { message?: string; code?: string };
    const isAbout = (file: CsvFile, index: number) =>
      message?.includes(contents?.get(index)?.path ?? file.path);
    const file = source.files.find(isAbout);
    if (code === "FILE_ERROR" && file !== undefined) throw nativeFileError(file, error as Error);
    throw toMemoryError(error, {
      operator: "readCsv",
      hint: "Read fewer columns, or fewer rows at a time.",
    });
  }
}

function nativeFileError(file: CsvFile, error: Error): Error {
  if (file.compression !== "none") return lostCopy(file, error);
  return error.message.endsWith("since it was opened") ? shrunk(file) : fileError(file.path, error);
}
