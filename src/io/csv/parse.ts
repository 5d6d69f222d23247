// The reference CSV reader: one record after the other, one field after the other. It defines what the fast readers
// give (kernels/csv/README.md), and reads where there is no addon.

import { at, MemoryBudgetError, throwIfAborted } from "../../base/index.ts";
import { type Batch, type CellValue, columnFromValues } from "../../column/index.ts";
import { type DType, STRING } from "../../dtype/index.ts";
import { contentBytes } from "./content.ts";
import { type CsvFault, faultHint, faultReason } from "./fault.ts";
import { inferDType, joinDTypes } from "./infer.ts";
import { type CsvRecord, fieldBegin, fieldContent, isBlank, scanRecords } from "./records.ts";
import {
  type CsvConflict,
  type CsvFile,
  type CsvRange,
  type CsvReject,
  type CsvRequest,
  type CsvResult,
  type CsvSource,
  csvParseError,
  effectiveLimit,
  MAX_REJECT_TEXT,
  MAX_REJECTS,
  requestedRanges,
} from "./source.ts";
import { parseCsvValue } from "./value.ts";

/** One requested column. */
interface Target {
  readonly name: string;
  readonly dtype: DType;
  readonly typed: boolean;
  /** By file: the position of its field. */
  readonly positions: readonly number[];
  readonly cells: CellValue[];
  conflict: CsvConflict | null;
}

interface Open {
  readonly index: number;
  readonly file: CsvFile;
  readonly bytes: Uint8Array;
  readonly lines: LineCounter;
}

/**
 * Reads the requested columns.
 * @throws ParseError where the file is at fault and `onError` does not take it, FileError, AbortError.
 */
export async function parseCsv(source: CsvSource, request: CsvRequest): Promise<CsvResult> {
  const reader = new Reader(source, request);
  let open: Open | null = null;
  for (const range of requestedRanges(source, request)) {
    if (reader.done) break;
    throwIfAborted(request.signal);
    if (open?.index !== range.file) open = await openFile(source, range.file, request);
    reader.read(open, range);
  }
  return reader.finish();
}

async function openFile(source: CsvSource, index: number, { contents }: CsvRequest): Promise<Open> {
  const file = at(source.files, index);
  const bytes = await contentBytes(file, contents?.get(index));
  return { index, file, bytes, lines: new LineCounter(bytes, file.newline) };
}

class Reader {
  readonly #source: CsvSource;
  readonly #targets: readonly Target[];
  readonly #limit: number;
  readonly #rejects: CsvReject[] = [];
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #rejectCount = 0;
  #rowCount = 0;

  constructor(source: CsvSource, request: CsvRequest) {
    this.#source = source;
    this.#limit = effectiveLimit(source, request) ?? Number.POSITIVE_INFINITY;
    this.#targets = request.columns.map((name): Target => {
      const index = source.schema.indexOf(name, "readCsv");
      const positions = source.files.map((file) => at(file.positions, index));
      const { dtype } = source.schema.field(index);
      return { name, dtype, typed: source.typed.has(name), positions, cells: [], conflict: null };
    });
  }

  get done(): boolean {
    return this.#rowCount >= this.#limit;
  }

  read(open: Open, range: CsvRange): void {
    const { file, bytes } = open;
    const end = Math.min(range.end, bytes.length);
    const { dialect, maxRecordBytes } = this.#source.settings;
    // In the order of their fields: the first fault by byte is met first.
    const targets = [...this.#targets].sort(
      (a, b) => at(a.positions, open.index) - at(b.positions, open.index),
    );
    for (const record of scanRecords(bytes, range.begin, end, file.newline, dialect)) {
      if (this.done) return;
      if (record.end - record.begin > maxRecordBytes) {
        throw this.#error(
          open,
          record.begin,
          null,
          { kind: "recordBytes", limit: maxRecordBytes },
          "",
        );
      }
      if (record.openQuote >= 0)
        throw this.#error(open, record.openQuote, null, { kind: "openQuote" }, "");
      if (isBlank(record) && file.fieldCount > 1) continue;
      this.#readRecord(open, record, targets);
    }
  }

  finish(): CsvResult {
    const conflicts = this.#targets.flatMap(({ conflict }) =>
      conflict === null ? [] : [conflict],
    );
    if (conflicts.length > 0) return { kind: "conflicts", conflicts };
    const columns = this.#targets.map(({ cells, dtype, name }) =>
      columnFromValues(cells, dtype, name),
    );
    const batch: Batch = { rowCount: this.#rowCount, columns };
    return { kind: "rows", batch, rejects: this.#rejects, rejectCount: this.#rejectCount };
  }

  #readRecord(open: Open, record: CsvRecord, targets: readonly Target[]): void {
    const { onError } = this.#source.settings;
    const [found, expected] = [record.ends.length, open.file.fieldCount];
    if (found !== expected) {
      const raw = open.bytes.subarray(record.begin, record.ends.at(-1));
      this.#fault(open, record.begin, null, { kind: "fields", found, expected }, raw);
      if (onError === "skip") return;
    }
    const row: CellValue[] = [];
    let skipped = false;
    for (const target of targets) {
      const position = at(target.positions, open.index);
      const begin = fieldBegin(record, position);
      const raw = position < found ? open.bytes.subarray(begin, record.ends[position]) : null;
      const value = raw === null ? null : this.#readField(open, begin, raw, target);
      if (value !== null && typeof value === "object") {
        if (!skipped) this.#fault(open, begin, target.name, value.fault, raw as Uint8Array);
        skipped = onError === "skip";
      }
      row.push(value !== null && typeof value === "object" ? null : value);
    }
    if (skipped) return;
    for (const [index, target] of targets.entries()) target.cells.push(row[index]);
    this.#rowCount += 1;
    if (this.#rowCount > MAX_ROWS) {
      throw new MemoryBudgetError(`more than ${MAX_ROWS} rows`, {
        operator: "readCsv",
        hint: "Read fewer rows.",
      });
    }
  }

  /** A value, null, or what is wrong. */
  #readField(
    open: Open,
    begin: number,
    raw: Uint8Array,
    target: Target,
  ): Exclude<CellValue, Date | undefined> | { fault: CsvFault } {
    const { dialect, nullValues } = this.#source.settings;
    const isNull = (text: Uint8Array) =>
      nullValues.some((value) => Buffer.compare(value, text) === 0);
    const quoted = raw.length > 0 && raw[0] === dialect.quote;
    if (!quoted && isNull(raw)) return null;
    const field = fieldContent(raw, dialect);
    if (field === null) return { fault: { kind: "quotes" } };
    const { dtype, typed } = target;
    if (dtype === STRING) {
      try {
        return this.#decoder.decode(field.content);
      } catch {
        return { fault: { kind: "utf8" } };
      }
    }
    if (field.content.length === 0 && quoted && isNull(field.content)) return null;
    const text = Buffer.from(field.content).toString("latin1");
    const value = parseCsvValue(text, dtype, !typed);
    if (value !== null) return value;
    if (typed) return { fault: { kind: "value", dtype } };
    this.#conflict(open, begin, target, text);
    return null;
  }

  #conflict(open: Open, begin: number, target: Target, text: string): void {
    const first = target.conflict ?? {
      column: target.name,
      dtype: target.dtype,
      path: open.file.path,
      line: open.lines.at(begin),
      byteOffset: begin,
    };
    target.conflict = { ...first, dtype: joinDTypes(first.dtype, inferDType(text)) ?? STRING };
  }

  /** Throws, or notes a reject. */
  #fault(
    open: Open,
    byteOffset: number,
    column: string | null,
    fault: CsvFault,
    raw: Uint8Array,
  ): void {
    const text = Buffer.from(raw.subarray(0, MAX_REJECT_TEXT)).toString("utf8");
    if (this.#source.settings.onError === "throw")
      throw this.#error(open, byteOffset, column, fault, text);
    this.#rejectCount += 1;
    if (this.#rejects.length >= MAX_REJECTS) return;
    const line = open.lines.at(byteOffset);
    const reason = faultReason(fault, text);
    this.#rejects.push({ path: open.file.path, line, byteOffset, column, text, reason });
  }

  #error(
    open: Open,
    byteOffset: number,
    column: string | null,
    fault: CsvFault,
    text: string,
  ): Error {
    const place = { line: open.lines.at(byteOffset), byteOffset, column };
    return csvParseError(open.file.path, place, faultReason(fault, text), faultHint(fault));
  }
}

const MAX_ROWS = 2 ** 31 - 1;

/** One-based line numbers of ascending byte offsets. */
class LineCounter {
  readonly #bytes: Uint8Array;
  readonly #newline: number;
  #line = 1;
  #at = 0;

  constructor(bytes: Uint8Array, newline: number) {
    this.#bytes = bytes;
    this.#newline = newline;
  }

  at(offset: number): number {
    if (offset < this.#at) [this.#at, this.#line] = [0, 1];
    for (; this.#at < offset; this.#at++)
      if (this.#bytes[this.#at] === this.#newline) this.#line += 1;
    return this.#line;
  }
}
