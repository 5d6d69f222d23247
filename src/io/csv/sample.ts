// What the first records of a file say of its columns: the definition that the addon's sampler is held against.

import { isTurnOver, nextTurn } from "../../base/index.ts";
import { type DType, STRING } from "../../dtype/index.ts";
import { widen } from "./infer.ts";
import type { CsvSettings } from "./options.ts";
import { type CsvRecord, fieldBegin, fieldContent, isBlank, scanRecords } from "./records.ts";

/** How much is done between two looks at the clock. */
const BYTES_A_CHECK = 4096;
const FIELDS_A_CHECK = 512;

export interface CsvSampleRequest {
  readonly bytes: Uint8Array;
  /** Where the first record of data begins. */
  readonly begin: number;
  readonly newline: number;
  /** The file ends with the bytes: so does its last record. */
  readonly whole: boolean;
  readonly fieldCount: number;
  readonly settings: CsvSettings;
}

export interface CsvSampled {
  /** Whole ones; comments, and empty lines of files of several columns, are none. */
  readonly records: number;
  /** Behind the last record, or behind comments and empty lines after it. */
  readonly end: number;
  /** By position; null where there is no value. Records of another number of fields do not count. */
  readonly dtypes: readonly (DType | null)[];
  /** A record is too long, and a greater sample would not help. */
  readonly stuck: boolean;
}

export type CsvSampler = (request: CsvSampleRequest) => Promise<CsvSampled>;

/** The reference sampler. */
export async function sampleRecords(request: CsvSampleRequest): Promise<CsvSampled> {
  const { bytes, begin, fieldCount, settings } = request;
  const { records, stuck } = await completeRecords(request);
  const dtypes = await inferColumns(bytes, records, fieldCount, settings);
  const last = records.at(-1);
  const end = last === undefined ? begin : Math.min(last.end + 1, bytes.length);
  return { records: records.length, end, dtypes, stuck };
}

async function completeRecords({
  bytes,
  begin,
  newline,
  whole,
  fieldCount,
  settings: { dialect, maxRecordBytes },
}: CsvSampleRequest): Promise<{ records: CsvRecord[]; stuck: boolean }> {
  const records: CsvRecord[] = [];
  let checkedAt = begin;
  for (const record of scanRecords(bytes, begin, bytes.length, newline, dialect, maxRecordBytes)) {
    if (record.end - checkedAt > BYTES_A_CHECK) {
      checkedAt = record.end;
      if (isTurnOver()) await nextTurn();
    }
    // The reader says so, after what comes before it.
    if (record.end - record.begin > maxRecordBytes) return { records, stuck: true };
    if (record.openQuote >= 0 || (!record.terminated && !whole)) break;
    if (!isBlank(record) || fieldCount === 1) records.push(record);
  }
  return { records, stuck: false };
}

async function inferColumns(
  bytes: Uint8Array,
  records: readonly CsvRecord[],
  count: number,
  { dialect, nullValues }: CsvSettings,
): Promise<(DType | null)[]> {
  const dtypes: (DType | null)[] = new Array(count).fill(null);
  const nulls = new Set(nullValues.map(latin1));
  const content = latin1(bytes); // slices of one text cost nothing; a text made of each field does
  const isSpecial = (byte: number | null) => byte !== null && bytes.includes(byte);
  const plain = !isSpecial(dialect.quote) && !isSpecial(dialect.escape);
  let fields = 0;
  for (const record of records) {
    if (record.ends.length !== count) continue;
    for (let index = 0; index < count; index++) {
      if (dtypes[index] === STRING) continue;
      if (++fields % FIELDS_A_CHECK === 0 && isTurnOver()) await nextTurn();
      const begin = fieldBegin(record, index);
      const end = record.ends[index] as number;
      const raw = content.slice(begin, end);
      const isQuoted = bytes[begin] === dialect.quote && begin < end;
      if (!isQuoted && nulls.has(raw)) continue;
      const field = plain ? null : fieldContent(bytes.subarray(begin, end), dialect);
      const text =
        field === null || field.content.length === raw.length ? raw : latin1(field.content);
      if (text === "" && field?.quoted && nulls.has("")) continue;
      dtypes[index] = widen(dtypes[index] ?? null, text);
    }
  }
  return dtypes;
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
