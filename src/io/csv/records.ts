// Splits bytes into records and fields, one byte after the other: the definition that the fast readers are held against.
// The rules are in kernels/csv/README.md, "Records and fields".

import { CR, type CsvDialect, LF } from "./dialect.ts";

export interface CsvRecord {
  readonly begin: number;
  /** The newline, or the end of the bytes. */
  readonly end: number;
  /** Ends of the fields; field i begins at `begin`, or one byte after the end of field i - 1. */
  readonly ends: readonly number[];
  /** False for a last record without a newline. */
  readonly terminated: boolean;
  /** Position of the quote that is open at the end of the bytes, or -1. */
  readonly openQuote: number;
}

/**
 * The records of bytes [begin, end), comments left out, empty lines not. `begin` is the start of a record. A record that is
 * longer than `mostBytes` is the last one, and cut one byte after them.
 */
export function* scanRecords(
  bytes: Uint8Array,
  begin: number,
  end: number,
  newline: number,
  dialect: CsvDialect,
  mostBytes = Number.POSITIVE_INFINITY,
): Generator<CsvRecord, void> {
  const { delimiter, quote, comment } = dialect;
  const escape = dialect.escape === quote ? null : dialect.escape;
  let start = begin;
  while (start < end) {
    if (bytes[start] === comment) {
      const next = bytes.subarray(0, end).indexOf(newline, start);
      start = next < 0 ? end : next + 1;
      continue;
    }
    const ends: number[] = [];
    let openQuote = -1;
    let at = start;
    const stop = Math.min(end, start + mostBytes + 1);
    for (; at < stop; at++) {
      const byte = bytes[at];
      if (byte === escape) at += 1;
      else if (byte === quote) openQuote = openQuote < 0 ? at : -1;
      else if (openQuote >= 0) continue;
      else if (byte === delimiter) ends.push(at);
      else if (byte === newline) break;
    }
    at = Math.min(at, end); // an escape as the last byte
    const crlf = newline === LF && at > start && bytes[at - 1] === CR;
    ends.push(crlf && openQuote < 0 ? at - 1 : at);
    yield { begin: start, end: at, ends, terminated: at < end, openQuote };
    if (at - start > mostBytes) return;
    start = at + 1;
  }
}

export function fieldBegin(record: CsvRecord, index: number): number {
  return index === 0 ? record.begin : (record.ends[index - 1] as number) + 1;
}

/** An empty line: no record in a file of several columns. */
export function isBlank(record: CsvRecord): boolean {
  return record.ends.length === 1 && record.ends[0] === record.begin;
}

export interface CsvField {
  readonly quoted: boolean;
  /** Without quotes and escapes. Shares memory where there were none. */
  readonly content: Uint8Array;
}

/** The content of a field; null if it is malformed. */
export function fieldContent(raw: Uint8Array, dialect: CsvDialect): CsvField | null {
  const { quote } = dialect;
  const escape = dialect.escape === quote ? null : dialect.escape;
  const quoted = raw.length > 0 && raw[0] === quote;
  if (
    !quoted &&
    (quote === null || !raw.includes(quote)) &&
    (escape === null || !raw.includes(escape))
  ) {
    return { quoted, content: raw };
  }
  const content: number[] = [];
  let at = quoted ? 1 : 0;
  for (; at < raw.length; at++) {
    const byte = raw[at] as number;
    if (byte === escape && at + 1 < raw.length) {
      content.push(raw[++at] as number);
    } else if (byte !== quote) {
      content.push(byte);
    } else if (!quoted) {
      return null;
    } else if (raw[at + 1] === quote) {
      content.push(raw[++at] as number);
    } else {
      break;
    }
  }
  const closedAtEnd = at === raw.length - 1;
  return quoted && !closedAtEnd ? null : { quoted, content: Uint8Array.from(content) };
}
