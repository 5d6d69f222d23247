// Columns to CSV text through the addon. The bytes are those of src/io/csv/format.ts.

import type { DType } from "../../dtype/index.ts";
import type { CsvFormatter } from "../../io/index.ts";
import { toMemoryError } from "../memory_error.ts";
import { toNatives } from "./column_lists.ts";
import { type CsvContext, csvType } from "./csv.ts";
import { withRun } from "./run.ts";

/** The formatter that `writeCsv` takes. It throws MemoryBudgetError where the text does not fit into memory. */
export function csvFormatter({
  native,
  threads,
}: Pick<CsvContext, "native" | "threads">): CsvFormatter {
  return async (schema, batch, begin, end, format, signal) => {
    const types = Int32Array.from(schema.fields.flatMap((field) => typeOf(field.dtype)));
    const columns = await toNatives({ native }, batch.columns);
    try {
      return await withRun(native, threads, signal, (run) =>
        native.csvFormat(columns, types, begin, end, format, run),
      );
    } catch (error) {
      throw toMemoryError(error, { operator: "writeCsv" });
    }
  };
}

function typeOf(dtype: DType): number[] {
  const { type, unitDigits } = csvType(dtype);
  return [type, unitDigits, dtype.kind === "timestamp" && dtype.timezone !== null ? 1 : 0];
}
