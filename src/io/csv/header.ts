// The names of a header record: all different, none lost.

import { isAscii } from "node:buffer";
import type { CsvDialect } from "./dialect.ts";
import { faultHint, faultReason } from "./fault.ts";
import { type CsvRecord, fieldBegin, fieldContent } from "./records.ts";
import { csvParseError } from "./source.ts";

/** @throws ParseError for a malformed name or one that is not UTF-8. */
export function headerNames(
  path: string,
  bytes: Uint8Array,
  record: CsvRecord,
  dialect: CsvDialect,
): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const plain = plainText(bytes.subarray(record.begin, record.end), dialect);
  const names = record.ends.map((end, index) => {
    const begin = fieldBegin(record, index);
    if (plain !== null && end > begin) return plain.slice(begin - record.begin, end - record.begin);
    const raw = bytes.subarray(begin, end);
    const field = fieldContent(raw, dialect);
    const fail = (kind: "quotes" | "utf8"): never => {
      const text = Buffer.from(raw.subarray(0, 80)).toString("latin1");
      const line = lineOf(bytes, begin);
      throw csvParseError(
        path,
        { line, byteOffset: begin },
        `header: ${faultReason({ kind }, text)}`,
        faultHint({ kind }),
      );
    };
    if (field === null) return fail("quotes");
    try {
      const name = decoder.decode(field.content);
      return name === "" && !field.quoted ? `column_${index + 1}` : name;
    } catch {
      return fail("utf8");
    }
  });
  return distinct(names);
}

/** The record as one text where each byte is a character of a name: a decoder for each of 10,000 names takes milliseconds. */
function plainText(record: Uint8Array, { quote, escape }: CsvDialect): string | null {
  const isQuoted = [quote, escape].some((byte) => byte !== null && record.includes(byte));
  return isQuoted || !isAscii(record) ? null : Buffer.from(record).toString("latin1");
}

/** a, a, a_1 -> a, a_2, a_1: a name that stands in the header is never taken from the column that has it. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const nextSuffix = new Map<string, number>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let suffix = nextSuffix.get(name) ?? 1;
    while (taken.has(`${name}_${suffix}`)) suffix += 1;
    nextSuffix.set(name, suffix + 1);
    const renamed = `${name}_${suffix}`;
    taken.add(renamed);
    return renamed;
  });
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let at = 0; at < offset; at++) if (bytes[at] === 10) line += 1;
  return line;
}
