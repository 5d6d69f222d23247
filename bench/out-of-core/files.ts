// The files that the queries read: written once, then kept.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { CsvFile } from "../data/csv_file.ts";
import type { Files } from "./queries.ts";

/** Odd, so that multiplying by it visits every row number of a power of two once. */
const LEFT_STEP = 0x9e3779b1;
const RIGHT_STEP = 0x85ebca6b;

/** `rowCount` is rounded up to a power of two. */
export function writeFiles(
  directory: string,
  rowCount: number,
): Files & { readonly rowCount: number } {
  const rows = 2 ** Math.ceil(Math.log2(rowCount));
  mkdirSync(directory, { recursive: true });
  const left = join(directory, `out_of_core_left_${rows}.csv`);
  const right = join(directory, `out_of_core_right_${rows}.csv`);
  const scattered = (row: number, step: number) => (Math.imul(row, step) >>> 0) % rows;
  if (!existsSync(left)) {
    const file = new CsvFile(left, ["key", "few", "value"]);
    for (let row = 0; row < rows; row++) {
      file.integer(scattered(row, LEFT_STEP));
      file.integer(scattered(row, RIGHT_STEP) % Math.ceil(rows / 10));
      file.decimal(scattered(row + 7, RIGHT_STEP) * 1000 + 125);
      file.endRow();
    }
    file.close();
  }
  if (!existsSync(right)) {
    const file = new CsvFile(right, ["key", "weight"]);
    for (let row = 0; row < rows; row++) {
      file.integer(scattered(row, RIGHT_STEP));
      file.decimal(row * 250 + 5);
      file.endRow();
    }
    file.close();
  }
  return { left, right, rowCount: rows };
}
