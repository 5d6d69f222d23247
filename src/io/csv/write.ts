// writeCsv: batches to a file, piece by piece.

import { InvalidArgumentError, throwIfAborted } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { isSystemError, writeOutput } from "../output.ts";
import { type CsvFormat, type CsvFormatter, formatCsv, formatCsvHeader } from "./format.ts";
import { fileError } from "./input.ts";
import { singleByte } from "./options.ts";

export interface CsvWriteOptions {
  /** One ASCII character. Default: "," ("\t" for files named *.tsv). */
  readonly delimiter?: string | undefined;
  /** Whether the first record holds the names. Default true. */
  readonly header?: boolean | undefined;
  /** The text of null; a string that equals it is quoted. Default: nothing. */
  readonly nullValue?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rows that are text at once. */
const SLICE_ROWS = 1 << 18;

/**
 * Writes UTF-8 CSV; a path that ends in ".gz" is compressed. Reading it with the same schema gives the same columns.
 * @throws FileError, InvalidArgumentError, NotSupportedError for a dtype without text, AbortError.
 */
export async function writeCsv(
  path: string,
  schema: Schema,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  options: CsvWriteOptions = {},
  formatter: CsvFormatter = formatCsv,
): Promise<void> {
  if (schema.length === 0) {
    throw new InvalidArgumentError("a CSV file has no rows without columns", {
      operator: "writeCsv",
      path,
      hint: "Select at least one column.",
    });
  }
  const format = formatOf(path, options);
  const pieces = textOf(schema, batches, format, options, formatter);
  try {
    const compression = path.endsWith(".gz") ? "gzip" : "none";
    await writeOutput(path, pieces, { compression, signal: options.signal });
  } catch (error) {
    throw isSystemError(error) ? fileError(path, error, "write") : error;
  }
}

function formatOf(path: string, options: CsvWriteOptions): CsvFormat {
  const delimiter = singleByte(
    "delimiter",
    options.delimiter ?? (/\.tsv(\.gz)?$/i.test(path) ? "\t" : ","),
    "writeCsv",
  );
  const nullValue = options.nullValue ?? "";
  if (
    delimiter === 0x22 ||
    /["\r\n]/.test(nullValue) ||
    nullValue.includes(String.fromCharCode(delimiter))
  ) {
    throw new InvalidArgumentError(
      "delimiter and nullValue cannot hold quotes, line ends or each other",
      {
        operator: "writeCsv",
        hint: 'Use a delimiter such as "," and a nullValue such as "NA".',
      },
    );
  }
  return { delimiter, nullValue };
}

async function* textOf(
  schema: Schema,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  format: CsvFormat,
  { header, signal }: CsvWriteOptions,
  formatter: CsvFormatter,
): AsyncGenerator<Uint8Array> {
  if (header ?? true) yield formatCsvHeader(schema.names, format);
  for await (const batch of batches) {
    for (let begin = 0; begin < batch.rowCount; begin += SLICE_ROWS) {
      throwIfAborted(signal);
      const end = Math.min(begin + SLICE_ROWS, batch.rowCount);
      yield* await formatter(schema, batch, begin, end, format, signal);
    }
  }
}
