// Columns to CSV text: the reference of the native writer, which gives the same bytes. The rules are in
// kernels/csv/README.md, "Writing".

import { at, throwIfAborted, turnIfOver } from "../../base/index.ts";
import {
  type Batch,
  type Column,
  formatDateText,
  formatDecimalText,
  formatDurationText,
  formatFloatText,
  formatTimestampText,
  getBit,
  isValid,
  readDecimal,
} from "../../column/index.ts";
import type { Schema } from "../../dtype/index.ts";

export interface CsvFormat {
  readonly delimiter: number;
  /** Text of null. */
  readonly nullValue: string;
}

/** Formats rows [begin, end) of a batch; the pieces follow each other. @throws AbortError soon after the signal aborts. */
export type CsvFormatter = (
  schema: Schema,
  batch: Batch,
  begin: number,
  end: number,
  format: CsvFormat,
  signal?: AbortSignal,
) => Promise<readonly Uint8Array[]>;

/** Rows between two looks at the clock and at the signal. */
const PIECE_ROWS = 256;

const BYTE_ORDER_MARK = "\ufeff";
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export async function formatCsv(
  schema: Schema,
  batch: Batch,
  begin: number,
  end: number,
  format: CsvFormat,
  signal?: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const delimiter = String.fromCharCode(format.delimiter);
  const readers = batch.columns.map((column, index) =>
    textReader(column, schema.field(index).name, format),
  );
  const pieces: Uint8Array[] = [];
  for (let from = begin; from < end; from += PIECE_ROWS) {
    await turnIfOver();
    throwIfAborted(signal);
    let text = "";
    for (let row = from; row < Math.min(from + PIECE_ROWS, end); row++)
      text += `${readers.map((read) => read(row)).join(delimiter)}\n`;
    pieces.push(new TextEncoder().encode(text));
  }
  return pieces;
}

export function formatCsvHeader(names: readonly string[], format: CsvFormat): Uint8Array {
  const delimiter = String.fromCharCode(format.delimiter);
  return new TextEncoder().encode(`${names.map((name) => quoted(name, format)).join(delimiter)}\n`);
}

/** Quotes a text that would be read as something else without: an empty one too, as nothing is null. */
function quoted(text: string, { delimiter, nullValue }: CsvFormat): string {
  const special =
    text === "" ||
    text === nullValue ||
    text.startsWith(BYTE_ORDER_MARK) ||
    /["\r\n]/.test(text) ||
    text.includes(String.fromCharCode(delimiter));
  return special ? `"${text.replaceAll('"', '""')}"` : text;
}

function textReader(column: Column, name: string, format: CsvFormat): (row: number) => string {
  const read = valueText(column, name);
  return (row) => (isValid(column, row) ? quoted(read(row), format) : format.nullValue);
}

function valueText({ data, dtype }: Column, name: string): (row: number) => string {
  switch (data.encoding) {
    case "bits":
      return (row) => (getBit(data.values, row) ? "true" : "false");
    case "dictionary":
      return (row) => data.dictionary.text(at(data.codes, row));
    case "plain":
      return (row) => decoder.decode(data.bytes.subarray(data.offsets[row], data.offsets[row + 1]));
    case "words":
      if (dtype.kind !== "decimal") throw new Error(`column ${name} holds aggregate states`);
      return (row) => formatDecimalText(readDecimal(data.values, row), dtype.scale);
    case "fixed":
      break;
  }
  const values: ArrayLike<number | bigint> = data.values;
  const value = (row: number): number | bigint => at(values, row);
  switch (dtype.kind) {
    case "float32":
      return (row) => formatFloatText(Number(value(row)), true);
    case "float64":
      return (row) => formatFloatText(Number(value(row)), false);
    case "date":
      return (row) => formatDateText(Number(value(row)));
    case "timestamp": {
      const { unit, timezone } = dtype;
      const zone = timezone === null ? "" : "Z";
      return (row) => `${formatTimestampText(BigInt(value(row)), unit)}${zone}`;
    }
    case "duration":
      return (row) => formatDurationText(BigInt(value(row)), dtype.unit);
    default:
      return (row) => String(value(row));
  }
}
