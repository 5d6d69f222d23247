// Dictionary-encodes a plain string column: codes in order of first appearance.

import type { Dictionary } from "../../column/index.ts";
import { EntryTable } from "./entry_table.ts";

export function dictionaryEncode(
  offsets: Int32Array,
  bytes: Uint8Array,
): { readonly codes: Uint32Array; readonly dictionary: Dictionary } {
  const rowCount = Math.max(0, offsets.length - 1);
  const codes = new Uint32Array(rowCount);
  const table = new EntryTable();
  for (let row = 0; row < rowCount; row++) {
    codes[row] = table.insert(bytes, offsets[row] as number, offsets[row + 1] as number);
  }
  return { codes, dictionary: table.toDictionary() };
}
