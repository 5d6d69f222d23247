// Columns to CSV text through the addon. The bytes are those of src/io/csv/format.ts.

import type { Batch } from "../../column/index.ts";
import type { DType, Schema } from "../../dtype/index.ts";
import type { CsvFormat, CsvFormatter } from "../../io/index.ts";
import { type CsvContext, csvType } from "./csv.ts";
import { toNative } from "./marshal.ts";

/** The formatter that `writeCsv` takes. */
export function csvFormatter({
  native,
  threads,
}: Pick<CsvContext, "native" | "threads">): CsvFormatter {
  const run = native.newRun(threads);
  return async (schema: Schema, batch: Batch, begin: number, end: number, format: CsvFormat) => {
    const types = Int32Array.from(schema.fields.flatMap((field) => typeOf(field.dtype)));
    return await native.csvFormat(batch.columns.map(toNative), types, begin, end, format, run);
  };
}

function typeOf(dtype: DType): number[] {
  const { type, unitDigits } = csvType(dtype);
  return [type, unitDigits, dtype.kind === "timestamp" && dtype.timezone !== null ? 1 : 0];
}
