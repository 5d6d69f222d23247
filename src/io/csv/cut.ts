// Where records begin, found one byte after the other: the definition of what a fast reader's cuts may be.

import { at } from "../../base/index.ts";
import { contentBytes } from "./content.ts";
import { scanRecords } from "./records.ts";
import type { CsvCutRequest, CsvSource } from "./source.ts";

/** A CsvCutter that finds the very last start of a record at or before each position. */
export async function cutCsv(
  source: CsvSource,
  { file: index, begin, positions, content }: CsvCutRequest,
): Promise<readonly number[]> {
  const file = at(source.files, index);
  const { dialect, maxRecordBytes } = source.settings;
  const bytes = await contentBytes(file, content, begin, positions.at(-1));
  const starts = [begin];
  let isTooLong = false;
  for (const record of scanRecords(bytes, 0, bytes.length, file.newline, dialect, maxRecordBytes)) {
    isTooLong = record.end - record.begin > maxRecordBytes;
    if (record.terminated && !isTooLong) starts.push(begin + record.end + 1);
    else starts.push(begin + record.begin);
  }
  const last = at(starts, starts.length - 1);
  let next = 0;
  return positions.map((position) => {
    while (next + 1 < starts.length && at(starts, next + 1) <= position) next += 1;
    return isTooLong && position > last ? Number.POSITIVE_INFINITY : at(starts, next);
  });
}
